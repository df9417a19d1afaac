using Floodgate.Messaging.Counters;

namespace Floodgate.FlushWorker.Applying;

/// <summary>Where the flush brings envelopes: PostgreSQL.</summary>
internal interface IFlushStore
{
    /// <summary>
    /// Applies envelopes of a partition in one transaction: those that are applied already change nothing, and those of
    /// retired producers are left out.
    /// </summary>
    /// <exception cref="Exception">Nobody knows whether it happened: running it again finds out.</exception>
    Task<FlushedBatch> CommitAsync(int partition, IReadOnlyList<CounterEnvelope> envelopes, CancellationToken cancellationToken);

    /// <summary>Reads pairs as they are: those that there are.</summary>
    /// <exception cref="Exception">The primary does not answer.</exception>
    Task<IReadOnlyList<Reaction>> ReadReactionsAsync(IReadOnlyList<Reaction> pairs, CancellationToken cancellationToken);

    /// <summary>Puts a message aside, durably. One that is there already changes nothing.</summary>
    /// <param name="partition">The partition in whose queue it was.</param>
    /// <param name="body">Its bytes.</param>
    /// <param name="envelope">What it holds; null where it cannot be read, or is for another partition.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Exception">Nobody knows whether it happened: do it again.</exception>
    Task<ParkedEnvelope> ParkAsync(
        int partition, ReadOnlyMemory<byte> body, CounterEnvelope? envelope, string reason, CancellationToken cancellationToken);
}
