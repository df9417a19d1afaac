using System.Globalization;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Floodgate.TimelineService.HomeTimelines;

/// <summary>
/// Home timelines in Redis. Methods that begin with Try serve readers and give up early; the others throw
/// <see cref="RedisException"/> or <see cref="TimeoutException"/> and are called again by who must have it.
/// </summary>
internal sealed class TimelineStore(RedisGate redis, IOptions<TimelineOptions> options)
{
    private static readonly TimeSpan PatientTimeout = TimeSpan.FromSeconds(10);

    private readonly RedisValue _cap = options.Value.Cap;
    private readonly RedisValue _slack = options.Value.TrimSlack;
    private readonly RedisValue _expiry = (long)options.Value.Expiry.TotalSeconds;
    private readonly RedisValue _rebuildTime = (long)Math.Ceiling(options.Value.RebuildTimeout.TotalSeconds);

    public static RedisKey KeyOf(long user) => string.Create(CultureInfo.InvariantCulture, $"tl:{{{user}}}");

    /// <summary>Reads ids below <paramref name="before"/>, newest first, and keeps the timeline alive.</summary>
    public async Task<TimelineSlice> TryReadAsync(long user, long before, int count)
    {
        var (answered, result) = await redis.TryAsync(database =>
            EvaluateAsync(database, TimelineScripts.Read, user, before, count, _expiry));
        if (!answered)
        {
            return TimelineSlice.Of(TimelineState.Unreachable);
        }

        var parts = (RedisResult[])result!;
        var state = (TimelineState)(int)parts[0];
        return state == TimelineState.Complete
            ? new TimelineSlice(state, (long)parts[1], Array.ConvertAll((RedisValue[])parts[2]!, id => (long)id))
            : TimelineSlice.Of(state);
    }

    /// <summary>Puts a post into a timeline, if it exists.</summary>
    public async Task<bool> TryPushAsync(long user, long post) =>
        (await redis.TryAsync(database => PushAsync(database, user, post), insist: true)).Answered;

    /// <summary>Puts a post into those of the timelines that exist, all in one go.</summary>
    /// <returns>In how many it is new.</returns>
    public async Task<int> PushAsync(IReadOnlyList<long> users, long post)
    {
        var database = redis.Database;
        var pushes = new Task<RedisResult>[users.Count];
        for (var i = 0; i < pushes.Length; i++)
        {
            pushes[i] = PushAsync(database, users[i], post);
        }

        var results = await Task.WhenAll(pushes).WaitAsync(PatientTimeout);
        return results.Sum(result => (int)result);
    }

    /// <summary>Starts a rebuild: from here on pushes arrive in the key.</summary>
    /// <returns>Whether it may go on; not where the timeline exists or somebody else builds it.</returns>
    public async Task<bool> TryBeginAsync(long user, string rebuild)
    {
        var (answered, result) = await redis.TryAsync(database => EvaluateAsync(database, TimelineScripts.Begin, user, rebuild, _rebuildTime));
        return answered && (int)result! == 1;
    }

    /// <summary>Writes what a rebuild read, unless the timeline was forgotten since it began.</summary>
    public async Task<bool> TryCompleteAsync(long user, string rebuild, long floor, IReadOnlyList<long> posts)
    {
        var values = new RedisValue[posts.Count + 4];
        (values[0], values[1], values[2], values[3]) = (rebuild, _expiry, _cap, floor);
        for (var i = 0; i < posts.Count; i++)
        {
            values[i + 4] = posts[i];
        }

        var (answered, result) = await redis.TryAsync(database => EvaluateAsync(database, TimelineScripts.Complete, user, values));
        return answered && (int)result! == 1;
    }

    /// <summary>Takes the key of a failed rebuild away; without it the key goes by itself.</summary>
    public Task TryAbandonAsync(long user, string rebuild) =>
        redis.TryAsync(database => EvaluateAsync(database, TimelineScripts.Abandon, user, rebuild));

    /// <summary>Forgets a timeline, so that the next read builds it anew and no rebuild under way can write.</summary>
    public async Task<bool> TryForgetAsync(long user) =>
        (await redis.TryAsync(database => database.KeyDeleteAsync(KeyOf(user)), insist: true)).Answered;

    /// <summary>Forgets timelines.</summary>
    public async Task ForgetAsync(IReadOnlyList<long> users)
    {
        var database = redis.Database;
        await Task.WhenAll(users.Select(user => database.KeyDeleteAsync(KeyOf(user)))).WaitAsync(PatientTimeout);
    }

    /// <summary>Takes posts out that are gone for good. Never for an unfollow: the user may follow again meanwhile.</summary>
    public Task TryRemoveAsync(long user, IEnumerable<long> posts) =>
        redis.TryAsync(database => database.SortedSetRemoveAsync(KeyOf(user), [.. posts.Select(post => (RedisValue)post)]));

    private Task<RedisResult> PushAsync(IDatabase database, long user, long post) =>
        EvaluateAsync(database, TimelineScripts.Push, user, post, _cap, _slack);

    // The client sends EVALSHA and knows which scripts a server has; where a server lost them, the second try loads it.
    private static async Task<RedisResult> EvaluateAsync(IDatabase database, string script, long user, params RedisValue[] values)
    {
        RedisKey[] keys = [KeyOf(user)];
        try
        {
            return await database.ScriptEvaluateAsync(script, keys, values);
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            return await database.ScriptEvaluateAsync(script, keys, values);
        }
    }
}
