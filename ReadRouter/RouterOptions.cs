using System.ComponentModel.DataAnnotations;
using Floodgate.ReadRouter.Choice;

namespace Floodgate.ReadRouter;

/// <summary>How the router watches nodes, chooses among them and forwards. Bound from the section <c>Floodgate:Router</c>.</summary>
public sealed class RouterOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Floodgate:Router";

    /// <summary>How often each node is asked for its position. Default 100 ms; 10 ms to 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:10")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a node may take to answer a poll before that counts as failed. Default 1 s; 50 ms to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan PollTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many polls in a row must fail before a node gets no more reads. Default 3; 1 to 100.</summary>
    [Range(1, 100)]
    public int FailedPollsToEject { get; set; } = 3;

    /// <summary>
    /// How many reads in a row must fail on a replica before it gets no more, though it answers polls. Default 5; 1 to 1,000.
    /// </summary>
    [Range(1, 1000)]
    public int FailedReadsToEject { get; set; } = 5;

    /// <summary>
    /// How long a replica whose reads failed is left alone; twice as long each time it fails again, up to 64 times. Default 5 s; 100 ms to
    /// 10 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan EjectionTime { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many polls in a row must be good before an ejected node gets reads again. Default 5; 1 to 1,000.</summary>
    [Range(1, 1000)]
    public int GoodPollsToReadmit { get; set; } = 5;

    /// <summary>
    /// A replica that lags by more gets no reads until it lags by less than half of it. Default 10 s; 100 ms to 1 hour.
    /// Must stay below the lifetime of session tokens, as an expired token protects nobody.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan LagLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A replica that lags by more is reported in the log and by the health check. Default 5 s; 100 ms to 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan LagAlert { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a replica that was readmitted takes to get its full share of reads. Default 10 s; 0 to 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan SlowStart { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How reads choose their node, where the route does not say otherwise. Default <see cref="ReadPolicy.Lsn"/>.</summary>
    public ReadPolicy Policy { get; set; } = ReadPolicy.Lsn;

    /// <summary>
    /// With <see cref="ReadPolicy.Window"/>: how long after a write of a session its reads go to the primary; later it reads from replicas that
    /// lag by less. Default 5 s; 100 ms to 10 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What is different for single routes. Default: nothing.</summary>
    public IList<RouteReadOptions> Routes { get; } = [];

    /// <summary>
    /// How large a share of all reads the primary takes over from replicas that are behind or away. Default 0.5; 0 to 1.
    /// </summary>
    [Range(0.0, 1.0)]
    public double SpillOverShare { get; set; } = 0.5;

    /// <summary>
    /// How many reads a second the primary takes over whatever share they are: the cap is the larger of the two. Default 500; 0 to 1,000,000.
    /// </summary>
    [Range(0, 1_000_000)]
    public int SpillOverRate { get; set; } = 500;

    /// <summary>How long a read may wait for a replica to catch up before the primary serves it. Default 50 ms; 0 to 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:05")]
    public TimeSpan WaitBudget { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a read may take in all, with every attempt. Default 10 s; 100 ms to 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a stream may be silent before it counts as broken; the service sends a heartbeat every 15 s. Its beginning has
    /// <see cref="ReadTimeout"/>, and its length no limit here. Default 1 minute; 100 ms to 1 hour.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan StreamIdleTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a write may take. Default 10 s; 100 ms to 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(10);
}
