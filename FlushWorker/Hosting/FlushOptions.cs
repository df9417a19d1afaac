using System.ComponentModel.DataAnnotations;
using Floodgate.Messaging.Counters;

namespace Floodgate.FlushWorker.Hosting;

/// <summary>How FlushWorker drains the queues. Section <c>Floodgate:Counters</c>.</summary>
internal sealed class FlushOptions : CounterQueueOptions, IValidatableObject
{
    /// <summary>The most envelopes in one transaction. Default 500; 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int BatchEnvelopes { get; set; } = 500;

    /// <summary>
    /// The most writes in one transaction; an envelope that holds more is a transaction of its own. Default 100,000; 1 to
    /// 10,000,000.
    /// </summary>
    [Range(1, 10_000_000)]
    public int BatchWrites { get; set; } = 100_000;

    /// <summary>
    /// How many envelopes the broker hands to a partition's consumer before the first is acknowledged; at least
    /// <see cref="BatchEnvelopes"/>, so that a batch can fill up. Default 1,000; 1 to 65,535.
    /// </summary>
    [Range(1, ushort.MaxValue)]
    public int Prefetch { get; set; } = 1000;

    /// <summary>How long a transaction may take before it is rolled back and tried again. Default 30 s; 1 s to 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan CommitTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a committed batch waits for Redis before it is acknowledged without; its counters are then dropped from
    /// Redis once it is back. Default 5 s; 0 to 10 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan ReconcilePatience { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How often a worker says that it is alive. A worker that comes or goes in order has its share within this time.
    /// Default 2 s; 100 ms to 1 minute.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// After how long without a sign of life a worker's partitions belong to the others for good; that they are drained
    /// meanwhile does not depend on it. At least three times <see cref="Heartbeat"/>. Default 10 s; 300 ms to 10 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.300", "00:10:00")]
    public TimeSpan DeadAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Prefetch < BatchEnvelopes)
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(Prefetch)} ({Prefetch}) is below {Section}:{nameof(BatchEnvelopes)} ({BatchEnvelopes}): a batch could never fill up.",
                [nameof(Prefetch), nameof(BatchEnvelopes)]);
        }

        if (DeadAfter < 3 * Heartbeat)
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(DeadAfter)} ({DeadAfter}) is not three times {Section}:{nameof(Heartbeat)} ({Heartbeat}): one late sign of life would move partitions.",
                [nameof(DeadAfter), nameof(Heartbeat)]);
        }
    }
}
