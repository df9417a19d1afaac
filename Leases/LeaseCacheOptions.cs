using System.ComponentModel.DataAnnotations;

namespace Floodgate.Leases;

/// <summary>
/// The settings of the lease cache. Bound from the section <c>Floodgate:Cache</c>; an entity's own come from
/// <c>Floodgate:Cache:Entities:{name}</c> and replace them one by one, but for those that all entities of a process share: <see cref="FloorLifetime"/>,
/// <see cref="RedisTimeout"/>, <see cref="Rest"/>, <see cref="AnnounceTimeout"/>, <see cref="OriginConcurrency"/> and <see cref="OriginQueue"/>.
/// </summary>
public sealed class LeaseCacheOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Floodgate:Cache";

    /// <summary>
    /// After how long a value is refreshed in the background while it is still served. Each fill takes it up to <see cref="Jitter"/> shorter or
    /// longer. Default 5 minutes; 100 ms to 7 days.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "7.00:00:00")]
    public TimeSpan SoftExpiry { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>After how long without a fill a value is gone from Redis. Default 1 hour; 1 s to 30 days; longer than <see cref="SoftExpiry"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan HardExpiry { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The same for "there is none". Default 30 s; 100 ms to 1 day; at most <see cref="HardExpiry"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan NegativeExpiry { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The share by which expiries vary, so that what was filled together does not expire together. Default 0.1; 0 to 0.5.</summary>
    [Range(0.0, 0.5)]
    public double Jitter { get; set; } = 0.1;

    /// <summary>
    /// How early values are refreshed: β of XFetch (Vattani, Chierichetti, Lowenstein, "Optimal Probabilistic Cache Stampede Prevention", VLDB
    /// 2015, section 4). Default 1; 0 (only after the soft expiry) to 10.
    /// </summary>
    [Range(0.0, 10.0)]
    public double Beta { get; set; } = 1;

    /// <summary>How long a lease lasts unless it is extended, which its holder does every third of it. Default 2 s; 50 ms to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long one origin call may take; the lease is extended as long. Default 5 s; 50 ms to 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:05:00")]
    public TimeSpan FillTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a caller waits for another's fill before it gets an error. Default 10 s; 50 ms to 10 minutes; at least <see cref="FillTimeout"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan WaitTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>For how long after a failed fill nobody tries again, and callers get its error. Default 500 ms; 10 ms to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan FailureRest { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long the floor of a key outlives its last invalidation. A replica that lags further behind than this cannot fill. Default 10 minutes; 1 s
    /// to 1 day.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan FloorLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long Redis may take to answer before a call goes on without it. Default 250 ms; 5 ms to 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.005", "00:00:10")]
    public TimeSpan RedisTimeout { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// How long a write tries to tell Redis before the epoch is raised instead. Default 2 s; 10 ms to 1 minute; at least <see cref="RedisTimeout"/>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan AnnounceTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>For how long Redis is left alone once it has failed several times in a row. Default 1 s; 500 ms to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "00:01:00")]
    public TimeSpan Rest { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many origin calls one process has under way at once, all entities together. Default 16; 1 to 1,000.</summary>
    [Range(1, 1000)]
    public int OriginConcurrency { get; set; } = 16;

    /// <summary>How many more wait for their turn; beyond it callers get 503. Default 256; 0 to 100,000.</summary>
    [Range(0, 100_000)]
    public int OriginQueue { get; set; } = 256;

    /// <summary>
    /// From how many reads a second and process on a key is kept in the process. Default 100, unless a service has another for an entity (what is set for all
    /// entities goes before that); 1 to 1,000,000.
    /// </summary>
    [Range(1, 1_000_000)]
    public int HotRate { get; set; } = 100;

    /// <summary>
    /// For how long a hot key is served from the process before Redis is asked again. It is how long a write of a hot key may have to wait, as it
    /// is acknowledged only when no process serves the old value any more. Default 200 ms; 0 (off) to 10 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan HoldFor { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How many bytes of values an entity keeps in the process. Default 16 MiB; 0 to 4 GiB.</summary>
    [Range(0L, 4L << 30)]
    public long InProcessBytes { get; set; } = 16L << 20;

    /// <summary>
    /// How many bytes, as estimated, the values take of which an entity keeps copies in the process; each is served only where Redis says that it is current.
    /// Default 64 MiB; 0 (no copies) to 16 GiB.
    /// </summary>
    [Range(0L, 16L << 30)]
    public long CopyBytes { get; set; } = 64L << 20;

    /// <summary>For how long a value that was loaded while Redis is away is served from the process. Default 1 s; 0 to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan KeepWithoutRedis { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Takes over what all entities share.</summary>
    internal void Share(LeaseCacheOptions all)
    {
        (FloorLifetime, AnnounceTimeout) = (all.FloorLifetime, all.AnnounceTimeout);
        (RedisTimeout, Rest) = (all.RedisTimeout, all.Rest);
        (OriginConcurrency, OriginQueue) = (all.OriginConcurrency, all.OriginQueue);
    }
}
