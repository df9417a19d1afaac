using Floodgate.Leases;
using Floodgate.Redis;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Floodgate.TimelineService.HomeTimelines;

/// <summary>
/// Home timelines in Redis. Methods that begin with Try serve readers and give up early; the others throw
/// <see cref="RedisException"/> or <see cref="TimeoutException"/> and are called again by who must have it.
/// </summary>
internal sealed class TimelineStore(RedisGate redis, RedisGeneration generation, LeaseCaches caches, IOptions<TimelineOptions> options)
{
    // The mark takes a place in the tail, and so does what was pushed twice (the own posts, each time) or below what is read. Where that is more, the list
    // is settled, which takes it out. Each place costs every page some 0.3 µs in Redis and in the process.
    private const int TailRead = 8;

    private const int All = int.MaxValue;

    private const int AddedAtOnce = 4;

    private static readonly TimeSpan PatientTimeout = TimeSpan.FromSeconds(10);

    private readonly RedisValue _cap = options.Value.Cap;
    private readonly RedisValue _longest = LongestOf(options.Value);
    private readonly RedisValue _expiry = (long)options.Value.Expiry.TotalSeconds;
    private readonly RedisValue _rebuildTime = (long)Math.Ceiling(options.Value.RebuildTimeout.TotalSeconds);

    private readonly TimelineMark _mark = new(generation);

    private readonly PushLanes _lanes = LanesOf(redis, new TimelineMark(generation), options.Value);

    private RedisValue? Mark => _mark.Current;

    /// <summary>Whether Redis failed a moment ago, or it is not known which run of it this is.</summary>
    public bool IsUnreachable => Mark is null || redis.IsResting;

    /// <summary>Reads the newest ids below <paramref name="before"/>.</summary>
    /// <param name="user">Whose timeline.</param>
    /// <param name="before">Only ids below it.</param>
    /// <param name="count">How many are wanted: there are fewer only where Redis has no more.</param>
    public async Task<TimelineSlice> TryReadAsync(long user, long before, int count)
    {
        if (Mark is not { } mark)
        {
            return TimelineSlice.Of(TimelineState.Unreachable);
        }

        // The list is in order of age, but for what was pushed since it was settled: where an id stands in it is known of the newest only.
        if (before < Input.IdInput.End)
        {
            return await TryReadAsync(user, before, mark, All);
        }

        var slice = await TryReadAsync(user, before, mark, count + TailRead);
        if (!TellsEnough(slice, count))
        {
            var (answered, _) = await redis.TryAsync(database => EvaluateAsync(database, TimelineScripts.Settle, user, mark, _cap));
            if (!answered)
            {
                return TimelineSlice.Of(TimelineState.Unreachable);
            }

            slice = await TryReadAsync(user, before, mark, count + TailRead);
        }

        // Much was pushed again meanwhile, or much of the tail is below the floor.
        return TellsEnough(slice, count) ? slice : await TryReadAsync(user, before, mark, All);
    }

    /// <summary>
    /// Reads the newest ids below <paramref name="before"/> behind a read index, in the same round trip: what the caches say as of the index was so before the
    /// ids were read.
    /// </summary>
    /// <param name="user">Whose timeline.</param>
    /// <param name="before">Only ids below it.</param>
    /// <param name="count">How many are wanted: there are fewer only where Redis has no more.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    /// <param name="behind">Adds commands to those that are sent at once, behind the list, and gives the last of them; null where there are none.</param>
    /// <returns>The index, and what was read; null where there is no index, or what was read does not tell.</returns>
    public async ValueTask<(ReadIndex Index, TimelineSlice Slice)?> TryReadAtIndexAsync(
        long user, long before, int count, CancellationToken cancellationToken, Func<IDatabaseAsync, Task>? behind = null)
    {
        if (Mark is not { } mark || redis.IsResting)
        {
            return null;
        }

        var asked = before < Input.IdInput.End ? All : count + TailRead;
        Task<RedisValue[]>? reading = null;
        var index = await caches.AskReadIndexAsync(Send, cancellationToken);
        if (index.IsNone || reading is null)
        {
            return null;
        }

        var (answered, elements) = await redis.TryAsync(_ => reading);
        if (!answered)
        {
            return null;
        }

        var slice = TimelineTail.Read(elements!, asked, mark, before);
        return slice.State == TimelineState.Complete && TellsEnough(slice, count) ? (index, slice) : null;

        Task Send(IDatabaseAsync batch)
        {
            reading = ReadListAsync(batch, user, asked);
            return behind?.Invoke(batch) is { IsCompleted: false } last ? last : reading;
        }
    }

    /// <summary>Puts a post into a timeline, if it exists.</summary>
    public async Task<bool> TryPushAsync(long user, long post) =>
        Mark is { } mark && (await redis.TryAsync(database => EvaluateAsync(database, TimelineScripts.Push, user, mark, _cap, _longest, 1, 1, post), insist: true)).Answered;

    /// <summary>Puts posts into those of the timelines that exist. Done twice it changes nothing that a reader sees.</summary>
    /// <param name="users">Whose timelines.</param>
    /// <param name="posts">The posts, best in ascending order.</param>
    /// <returns>How many entries that made: posts times timelines that exist.</returns>
    /// <exception cref="TimeoutException">Redis does not answer.</exception>
    public async Task<int> PushAsync(IReadOnlyList<long> users, params long[] posts)
    {
        _ = _mark.Required;
        return await _lanes.PushAsync(users, posts).WaitAsync(PatientTimeout) * posts.Length;
    }

    /// <summary>Puts posts of one author into those of the timelines that exist.</summary>
    /// <param name="users">Whose timelines.</param>
    /// <param name="posts">The author's newest posts.</param>
    /// <param name="floor">From which id on they are all of the author's; 0: all.</param>
    /// <returns>In how many they are.</returns>
    /// <exception cref="TimeoutException">Redis does not answer.</exception>
    public async Task<int> AddAsync(IReadOnlyList<long> users, IReadOnlyList<long> posts, long floor)
    {
        var (database, values) = (redis.Database, AddValues(_mark.Required, posts, floor, forgetBuilding: false));
        var added = 0;
        foreach (var (_, keys) in TimelineKeys.Group(users, AddedAtOnce))
        {
            // One after the other: each may put whole timelines in order, and readers are to get through in between.
            added += (int)await TimelineScripts.Add.RunAsync(database, keys, values).WaitAsync(PatientTimeout);
        }

        return added;
    }

    /// <summary>The same for one timeline, whose follows have changed: one that is being built, perhaps without this author, is forgotten.</summary>
    public async Task<bool> TryAddAsync(long user, IReadOnlyList<long> posts, long floor) =>
        Mark is { } mark
        && (await redis.TryAsync(database => EvaluateAsync(database, TimelineScripts.Add, user, AddValues(mark, posts, floor, forgetBuilding: true)), insist: true)).Answered;

    /// <summary>Keeps a timeline alive that is read.</summary>
    public Task TryKeepAliveAsync(long user) => redis.TryAsync(database => EvaluateAsync(database, TimelineScripts.KeepAlive, user, _expiry));

    /// <summary>Starts a rebuild: from here on pushes arrive in the key.</summary>
    /// <returns>Whether it may go on; not where the timeline exists or somebody else builds it.</returns>
    public async Task<bool> TryBeginAsync(long user, string rebuild)
    {
        if (Mark is not { } mark)
        {
            return false;
        }

        var (answered, result) = await redis.TryAsync(database => EvaluateAsync(database, TimelineScripts.Begin, user, HeadOf(rebuild, mark), _rebuildTime));
        return answered && (int)result! == 1;
    }

    /// <summary>Writes what a rebuild read, newest first, unless the timeline was forgotten since it began.</summary>
    public async Task<bool> TryCompleteAsync(long user, string rebuild, long floor, IReadOnlyList<long> posts)
    {
        const int Fixed = 5;
        if (Mark is not { } mark)
        {
            return false;
        }

        var values = new RedisValue[posts.Count + Fixed];
        (values[0], values[1], values[2], values[3], values[4]) = (HeadOf(rebuild, mark), _expiry, mark, _cap, floor);
        for (var i = 0; i < posts.Count; i++)
        {
            values[^(i + 1)] = posts[i];
        }

        var (answered, result) = await redis.TryAsync(database => EvaluateAsync(database, TimelineScripts.Complete, user, values));
        return answered && (int)result! == 1;
    }

    /// <summary>Takes the key of a failed rebuild away; without it the key goes by itself.</summary>
    public Task TryAbandonAsync(long user, string rebuild) =>
        Mark is { } mark ? redis.TryAsync(database => EvaluateAsync(database, TimelineScripts.Abandon, user, HeadOf(rebuild, mark))) : Task.CompletedTask;

    /// <summary>Forgets a timeline, so that the next read builds it anew and no rebuild under way can write.</summary>
    public async Task<bool> TryForgetAsync(long user) =>
        (await redis.TryAsync(database => database.KeyDeleteAsync(TimelineKeys.Of(user)), insist: true)).Answered;

    /// <summary>Forgets timelines.</summary>
    public async Task ForgetAsync(IReadOnlyList<long> users)
    {
        var database = redis.Database;
        await Task.WhenAll(users.Select(user => database.KeyDeleteAsync(TimelineKeys.Of(user)))).WaitAsync(PatientTimeout);
    }

    /// <summary>Takes posts out that are gone for good. Never for an unfollow: the user may follow again meanwhile.</summary>
    public Task TryRemoveAsync(long user, IReadOnlyList<long> posts) =>
        redis.TryAsync(database => Task.WhenAll(posts.Select(post => database.ListRemoveAsync(TimelineKeys.Of(user), post))));

    private static bool TellsEnough(in TimelineSlice slice, int count) =>
        slice.State != TimelineState.Unsettled && (slice.State != TimelineState.Complete || slice.IsAll || slice.Ids.Length >= count);

    private async Task<TimelineSlice> TryReadAsync(long user, long before, RedisValue mark, int asked)
    {
        var (answered, elements) = await redis.TryAsync(database => ReadListAsync(database, user, asked));
        if (!answered)
        {
            return TimelineSlice.Of(TimelineState.Unreachable);
        }

        var slice = TimelineTail.Read(elements!, asked, mark, before);
        if (slice.State == TimelineState.Missing && elements!.Length > 0)
        {
            await TryForgetAsync(user);
        }

        return slice;
    }

    private static Task<RedisValue[]> ReadListAsync(IDatabaseAsync database, long user, int asked) =>
        database.ListRangeAsync(TimelineKeys.Of(user), asked == All ? 0 : -asked);

    // With the mark: what was pushed while it was built may be missing in another run.
    private static RedisValue HeadOf(string rebuild, RedisValue mark) => $"b:{mark}:{rebuild}";

    private static PushLanes LanesOf(RedisGate redis, TimelineMark mark, TimelineOptions options) => new(async (keys, groups) =>
    {
        RedisValue[] values = [mark.Required, options.Cap, LongestOf(options), .. groups];
        return (int[])(await TimelineScripts.Push.RunAsync(redis.Database, keys, values).WaitAsync(PatientTimeout))!;
    });

    private static RedisValue LongestOf(TimelineOptions options) => options.Cap + options.TrimSlack + 2;

    private RedisValue[] AddValues(RedisValue mark, IReadOnlyList<long> posts, long floor, bool forgetBuilding) =>
        [mark, _cap, _longest, floor, forgetBuilding ? 1 : 0, .. posts.Select(post => (RedisValue)post).Reverse()];

    private static Task<RedisResult> EvaluateAsync(IDatabase database, RedisScript script, long user, params RedisValue[] values) =>
        script.RunAsync(database, TimelineKeys.Of(user), values);
}
