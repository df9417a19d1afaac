using System.Diagnostics;
using Floodgate.Redis.Tracking;
using Floodgate.VisibleValues.Likes;

namespace Floodgate.UnitTests.Redis.Tracking;

/// <summary>Writes, questions, answers and what Redis says of itself, in any order that Redis could bring them in: nobody is given what was no more when they asked.</summary>
public sealed class TrackedOrderTests
{
    private const int Posts = 6;

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Whoever_asks_gets_what_was_or_what_came_since(int seed)
    {
        await using var run = new Run(seed);
        for (var i = 0; i < 3000; i++)
        {
            await run.StepAsync();
        }

        await run.EndAsync();
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 30)];

    private sealed class Run : IAsyncDisposable
    {
        private readonly Random _chance;
        private readonly ManualClock _clock = new();
        private readonly TrackingServer _server = new();
        private readonly TrackedKind<long, LikeCount> _counts;
        private readonly Task _running;
        private readonly long[] _likes = new long[Posts];
        private readonly HashSet<long> _tracked = [];
        private readonly Queue<string> _said = new();
        private readonly List<Task> _asked = [];

        public Run(int seed)
        {
            _chance = new Random(seed);
            var metrics = new TrackedMetrics(new NoMeters());

            // Fewer than there are posts, so that now and then all copies go; in half of the runs never.
            _counts = new TrackedKind<long, LikeCount>(new LikeCountCodec(), seed % 2 == 0 ? Posts : Posts - 2, metrics);
            _running = new TrackedSession(_server.Connection, [_counts], new TrackedSettings(_clock, IsOn: true, TimeSpan.FromHours(1)), metrics)
                .RunAsync(CancellationToken.None);
        }

        public async Task StepAsync()
        {
            switch (_chance.Next(100))
            {
                case < 15:
                    Write(_chance.Next(Posts));
                    break;
                case < 40:
                    _asked.Add(AskAsync([.. Enumerable.Range(0, Posts).Where(_ => _chance.Next(3) == 0).Select(post => (long)post)]));
                    break;
                case < 65:
                    await TryAnswerAsync();
                    break;
                case < 90:
                    await TrySayAsync();
                    break;
                case < 91:
                    Flush();
                    break;
                case < 94:
                    _clock.Advance(TrackedPart<long, LikeCount>.ChangesFor);
                    break;
                default:
                    await Task.Yield();
                    break;
            }
        }

        public async Task EndAsync()
        {
            var began = Stopwatch.GetTimestamp();
            while (!_asked.TrueForAll(asked => asked.IsCompleted))
            {
                Assert.True(Stopwatch.GetElapsedTime(began) < TrackingServer.Patience, "Somebody is never answered.");
                if (!await TryAnswerAsync() && !await TrySayAsync())
                {
                    Assert.False(_running.IsFaulted, _running.Exception?.Message);
                    await Task.Yield();
                }
            }

            await Task.WhenAll(_asked);
        }

        public async ValueTask DisposeAsync()
        {
            await _server.DisposeAsync();
            await Assert.ThrowsAnyAsync<IOException>(() => _running);
        }

        private void Write(long post)
        {
            _likes[post]++;
            if (_tracked.Remove(post))
            {
                _said.Enqueue(TrackingServer.Changed($"ctv:{{@likes/{post}}}"));
            }
        }

        private void Flush()
        {
            for (var post = 0; post < Posts; post++)
            {
                _likes[post]++;
            }

            _tracked.Clear();
            _said.Enqueue(">2 $10 invalidate _");
        }

        private async Task<bool> TryAnswerAsync()
        {
            if (!_server.HasCommand())
            {
                return false;
            }

            var command = await _server.CommandAsync();
            if (command == "PING")
            {
                _said.Enqueue("+PONG");
                return true;
            }

            var posts = command.Split(' ')[1..].Select(key => key["ctv:{@likes/".Length] - '0').ToArray();
            foreach (var post in posts)
            {
                _tracked.Add(post);
            }

            _said.Enqueue(TrackingServer.Values([.. posts.Select(post => $"g|{_likes[post]}")]));
            return true;
        }

        private async Task<bool> TrySayAsync()
        {
            if (!_said.TryDequeue(out var said))
            {
                return false;
            }

            await _server.SayAsync(said);
            return true;
        }

        private async Task AskAsync(long[] posts)
        {
            var before = Array.ConvertAll(posts, post => _likes[post]);
            var values = await _counts.Ask(posts)!.ValuesAsync();
            Assert.NotNull(values);
            for (var i = 0; i < posts.Length; i++)
            {
                Assert.InRange(values[i]!.Likes, before[i], Volatile.Read(ref _likes[posts[i]]));
            }
        }
    }
}
