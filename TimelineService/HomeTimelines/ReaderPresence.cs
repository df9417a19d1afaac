using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Floodgate.TimelineService.HomeTimelines;

/// <summary>
/// Who reads: keeps their timelines alive, and knows who read a moment ago. A reader is noted once a minute by each process, and not with every page.
/// </summary>
internal sealed class ReaderPresence(RedisGate redis, TimelineStore timelines, IOptions<TimelineOptions> options, TimeProvider time)
{
    private const int MostNoted = 200_000;
    private const int MostOnline = 10_000;

    private static readonly RedisKey Key = "presence:readers";
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<long, byte> _noted = new();
    private long _since = time.GetTimestamp();
    private int _count;

    /// <summary>A user reads the own timeline.</summary>
    public void Reads(long user)
    {
        if (time.GetElapsedTime(Volatile.Read(ref _since)) >= Period)
        {
            BeginPeriod();
        }

        if (_noted.TryAdd(user, 0))
        {
            if (Interlocked.Increment(ref _count) >= MostNoted)
            {
                BeginPeriod();
            }

            _ = timelines.TryKeepAliveAsync(user);
            redis.Database.SortedSetAdd(Key, user, Now, CommandFlags.FireAndForget);
        }
    }

    /// <summary>Who read last, at most 10,000; nobody where Redis does not answer.</summary>
    public async Task<long[]> OnlineAsync()
    {
        var (answered, users) = await redis.TryAsync(database => database.SortedSetRangeByScoreAsync(
            Key, Now - options.Value.OnlineFor.TotalSeconds, double.PositiveInfinity, Exclude.None, Order.Descending, 0, MostOnline));
        return answered ? Array.ConvertAll(users!, user => (long)user) : [];
    }

    private void BeginPeriod()
    {
        var since = Volatile.Read(ref _since);
        if (Interlocked.CompareExchange(ref _since, time.GetTimestamp(), since) == since)
        {
            _noted.Clear();
            Interlocked.Exchange(ref _count, 0);
            redis.Database.SortedSetRemoveRangeByScore(Key, double.NegativeInfinity, Now - options.Value.OnlineFor.TotalSeconds, Exclude.None, CommandFlags.FireAndForget);
        }
    }

    private double Now => time.GetUtcNow().ToUnixTimeSeconds();
}
