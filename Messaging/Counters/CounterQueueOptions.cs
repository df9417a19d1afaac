using System.ComponentModel.DataAnnotations;

namespace Floodgate.Messaging.Counters;

/// <summary>What the writers and the drainers of counters must agree on. Section <c>Floodgate:Counters</c>.</summary>
public class CounterQueueOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Floodgate:Counters";

    /// <summary>How many partitions, and so queues, there are. Default 8; 1 to 1,024.</summary>
    [Range(1, EnvelopeCodec.MaximumPartition + 1)]
    public int Partitions { get; set; } = 8;

    /// <summary>
    /// How long FlushWorker gathers a batch before it goes into the database: what a counter in PostgreSQL lags behind.
    /// Default 1 s; 10 ms to 5 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00")]
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an operation on Redis may take before it counts as failed. Default 500 ms; 10 ms to 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:30")]
    public TimeSpan RedisTimeout { get; set; } = TimeSpan.FromMilliseconds(500);
}
