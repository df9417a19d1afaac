using Floodgate.Messaging.Counters;

namespace Floodgate.FlushWorker.Applying;

/// <summary>Where the flush brings envelopes: PostgreSQL.</summary>
internal interface IFlushStore
{
    /// <summary>Applies envelopes of a partition in one transaction: those that are applied already change nothing.</summary>
    /// <exception cref="Exception">Nobody knows whether it happened: running it again finds out.</exception>
    Task<FlushedBatch> CommitAsync(int partition, IReadOnlyList<CounterEnvelope> envelopes, CancellationToken cancellationToken);
}
