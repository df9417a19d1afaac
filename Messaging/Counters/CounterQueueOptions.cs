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

    /// <summary>
    /// How long Redis remembers a user's reactions and the Idempotency-Keys after the last write. It must be well past
    /// <see cref="FlushInterval"/> and the lag of the replicas, as what it does not know is looked up
    /// there. Default 1 hour; 10 minutes to 1 day.
    /// </summary>
    [Range(typeof(TimeSpan), "00:10:00", "1.00:00:00")]
    public TimeSpan RememberFor { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// How long after <see cref="FlushInterval"/> a user's hash of reactions may be filled with all posts that the user likes, so that any other is known not
    /// to be liked. What is flushed later than half of it is told to the hash, so the clocks of the processes may differ by a quarter of it. Default 5 s; 1 s to
    /// 1 minute.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan FillAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a counter that nobody writes stays in Redis. Default 1 day; 10 minutes to 1 day, so that the watermarks name
    /// every producer of what is pending in it.
    /// </summary>
    [Range(typeof(TimeSpan), "00:10:00", "1.00:00:00")]
    public TimeSpan CounterLifetime { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// For how long envelopes are made under one name, so that what the ledger knows of a name that is no more used can be
    /// forgotten one day. Default 1 day; 1 minute to 7 days.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan ProducerLifetime { get; set; } = TimeSpan.FromDays(1);
}
