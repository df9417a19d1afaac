using StackExchange.Redis;

namespace Floodgate.TimelineService.HomeTimelines;

/// <summary>
/// Pushes to timelines of one bucket share scripts, whoever they are for: while one is under way, what comes is gathered for the next. Most audiences are
/// small, and spread over all buckets: a script for each would cost Redis and this process more than the few pushes in it. Nothing waits while a lane is free.
/// Safe for concurrent use.
/// </summary>
/// <param name="run">
/// Pushes: the keys, and for each group of them how many they are, how many posts, and the posts. Gives in how many timelines of each group they are now. It
/// ends in any case.
/// </param>
internal sealed class PushLanes(Func<RedisKey[], List<RedisValue>, Task<int[]>> run)
{
    // So that one script does not hold up others: 64 pushes take some 0.2 ms.
    private const int KeysAtOnce = 64;

    private readonly Lane[] _lanes = [.. Enumerable.Range(0, TimelineKeys.Buckets).Select(_ => new Lane(run))];

    /// <summary>Puts posts into those of the timelines that exist.</summary>
    /// <returns>In how many they are.</returns>
    public async Task<int> PushAsync(IReadOnlyList<long> users, IReadOnlyList<long> posts)
    {
        var parts = new List<Task<int>>(TimelineKeys.Buckets);
        foreach (var (bucket, keys) in TimelineKeys.Group(users, KeysAtOnce))
        {
            parts.Add(_lanes[bucket].PushAsync(keys, posts));
        }

        var pushed = 0;
        foreach (var part in await Task.WhenAll(parts))
        {
            pushed += part;
        }

        return pushed;
    }

    private sealed class Part(RedisKey[] keys, IReadOnlyList<long> posts) : TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public RedisKey[] Keys => keys;

        public IReadOnlyList<long> Posts => posts;
    }

    // Of one bucket: one script after the other, so that there is something to gather.
    private sealed class Lane(Func<RedisKey[], List<RedisValue>, Task<int[]>> run)
    {
        private readonly Lock _lock = new();
        private readonly Queue<Part> _waiting = new();
        private bool _isRunning;

        public Task<int> PushAsync(RedisKey[] keys, IReadOnlyList<long> posts)
        {
            var part = new Part(keys, posts);
            lock (_lock)
            {
                _waiting.Enqueue(part);
                if (_isRunning)
                {
                    return part.Task;
                }

                _isRunning = true;
            }

            _ = RunAsync();
            return part.Task;
        }

        private async Task RunAsync()
        {
            while (Take() is { Count: > 0 } parts)
            {
                try
                {
                    var pushed = await run(KeysOf(parts), GroupsOf(parts));
                    for (var i = 0; i < parts.Count; i++)
                    {
                        parts[i].SetResult(pushed[i]);
                    }
                }
                catch (RedisServerException exception)
                {
                    // One of the keys may be no list: the others, and those who wait, are not to fail with it. What was pushed already is pushed again, which
                    // changes nothing.
                    if (parts is [var only])
                    {
                        only.SetException(exception);
                        continue;
                    }

                    foreach (var part in parts)
                    {
                        await RunAloneAsync(part);
                    }
                }
                catch (Exception exception)
                {
                    // Some may have been pushed. Each caller pushes again, which changes nothing for these. What waits fails as well: where Redis hangs it would
                    // wait as long again, and more would come than goes.
                    foreach (var part in parts.Concat(TakeAll()))
                    {
                        part.TrySetException(exception);
                    }
                }
            }
        }

        private async Task RunAloneAsync(Part part)
        {
            try
            {
                part.SetResult((await run(part.Keys, GroupsOf([part])))[0]);
            }
            catch (Exception exception)
            {
                part.SetException(exception);
            }
        }

        private List<Part> Take()
        {
            var (parts, keys) = (new List<Part>(), 0);
            lock (_lock)
            {
                while (_waiting.TryPeek(out var next) && (keys == 0 || keys + next.Keys.Length <= KeysAtOnce))
                {
                    parts.Add(_waiting.Dequeue());
                    keys += next.Keys.Length;
                }

                _isRunning = parts.Count > 0;
            }

            return parts;
        }

        private Part[] TakeAll()
        {
            lock (_lock)
            {
                Part[] parts = [.. _waiting];
                _waiting.Clear();
                return parts;
            }
        }

        private static RedisKey[] KeysOf(List<Part> parts)
        {
            if (parts is [var only])
            {
                return only.Keys;
            }

            var keys = new RedisKey[parts.Sum(part => part.Keys.Length)];
            var at = 0;
            foreach (var part in parts)
            {
                part.Keys.CopyTo(keys, at);
                at += part.Keys.Length;
            }

            return keys;
        }

        private static List<RedisValue> GroupsOf(List<Part> parts)
        {
            var groups = new List<RedisValue>(parts.Count * 3);
            foreach (var part in parts)
            {
                groups.Add(part.Keys.Length);
                groups.Add(part.Posts.Count);
                foreach (var post in part.Posts)
                {
                    groups.Add(post);
                }
            }

            return groups;
        }
    }
}
