using System.Globalization;
using StackExchange.Redis;

namespace Floodgate.TimelineService.FanOut;

/// <summary>
/// The jobs that are published and not done, so that "drained" can be told: a broker does not say over AMQP what its consumers have in hand. A job is entered
/// before it is published, with the time, and taken out before it is acknowledged; both may be repeated.
/// </summary>
internal sealed class OpenJobs(RedisGate redis, TimeProvider time)
{
    private const int ScanCount = 1000;

    private static readonly TimeSpan RedisTimeout = TimeSpan.FromSeconds(5);

    private static readonly RedisKey Key = "fanout:jobs";

    /// <summary>Enters jobs as open, or once more.</summary>
    /// <exception cref="RedisException">Redis does not answer.</exception>
    /// <exception cref="TimeoutException">Redis does not answer.</exception>
    public Task OpenAsync(IReadOnlyList<FanOutJob> jobs)
    {
        if (jobs.Count == 0)
        {
            return Task.CompletedTask;
        }

        var now = ScoreOf(time.GetUtcNow());
        return redis.Database.SortedSetAddAsync(Key, [.. NamesOf(jobs).Select(name => new SortedSetEntry(name, now))]).WaitAsync(RedisTimeout, time);
    }

    /// <summary>Takes a job out.</summary>
    /// <exception cref="RedisException">Redis does not answer.</exception>
    /// <exception cref="TimeoutException">Redis does not answer.</exception>
    public Task CloseAsync(FanOutJob job) => redis.Database.SortedSetRemoveAsync(Key, [.. NamesOf([job])]).WaitAsync(RedisTimeout, time);

    /// <summary>Takes jobs out that were entered for posts but are not published: the way that a post travels was decided anew.</summary>
    /// <exception cref="RedisException">Redis does not answer.</exception>
    /// <exception cref="TimeoutException">Redis does not answer.</exception>
    public Task CloseOthersAsync(IReadOnlyList<RoutedPost> routed)
    {
        var names = routed.Where(one => one.Row.Post is not null).SelectMany(one => FanOutJob.FirstNames(one.Row.Post!.Value).Except(one.Job?.Names ?? [], StringComparer.Ordinal));
        RedisValue[] others = [.. names.Select(name => (RedisValue)name)];
        return others.Length == 0 ? Task.CompletedTask : redis.Database.SortedSetRemoveAsync(Key, others).WaitAsync(RedisTimeout, time);
    }

    /// <summary>Takes out what was entered at or before a moment and not since.</summary>
    /// <returns>How many it were; null where Redis does not answer.</returns>
    public async Task<long?> ForgetAsync(DateTimeOffset until)
    {
        var (answered, count) = await redis.TryAsync(database => database.SortedSetRemoveRangeByScoreAsync(Key, double.NegativeInfinity, ScoreOf(until)));
        return answered ? count : null;
    }

    /// <summary>How many jobs are open; null where Redis does not answer.</summary>
    public async Task<long?> CountAsync()
    {
        var (answered, count) = await redis.TryAsync(database => database.SortedSetLengthAsync(Key));
        return answered ? count : null;
    }

    /// <summary>
    /// Whether a job of this post is open; null where Redis does not answer. It looks through the whole set, bit by bit: for those who
    /// ask seldom.
    /// </summary>
    public async Task<bool?> IsOpenAsync(long post)
    {
        var plan = new FanOutJob(post, Author: 0, Sessions.WalPosition.None, After: 0, Kind: FanOutKind.Plan).Names.Single();
        var (said, planned) = await redis.TryAsync(database => database.SortedSetScoreAsync(Key, plan));
        if (!said || planned is not null)
        {
            return said ? true : null;
        }

        var cursor = "0";
        do
        {
            var at = cursor;
            var (answered, part) = await redis.TryAsync(
                database => database.ExecuteAsync("ZSCAN", Key, at, "MATCH", string.Create(CultureInfo.InvariantCulture, $"{post}:*"), "COUNT", ScanCount));
            if (!answered)
            {
                return null;
            }

            var parts = (RedisResult[])part!;
            if (((RedisResult[])parts[1]!).Length > 0)
            {
                return true;
            }

            cursor = (string)parts[0]!;
        }
        while (cursor != "0");
        return false;
    }

    private static double ScoreOf(DateTimeOffset moment) => moment.ToUnixTimeMilliseconds();

    private static IEnumerable<RedisValue> NamesOf(IEnumerable<FanOutJob> jobs) => jobs.SelectMany(job => job.Names).Select(name => (RedisValue)name);
}
