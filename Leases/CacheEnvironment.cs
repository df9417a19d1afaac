using Floodgate.Leases.Loading;
using Floodgate.Leases.Origin;
using Floodgate.Leases.Store;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Floodgate.Leases;

/// <summary>What all caches of a process share.</summary>
/// <param name="Store">The entries in Redis.</param>
/// <param name="View">What is known of the database.</param>
/// <param name="Gate">Limits the calls to the origin.</param>
/// <param name="Disbelieve">Raises the epoch, so that nothing is believed that Redis holds from before.</param>
/// <param name="HeardAfter">How long after the epoch was raised every process knows of it.</param>
/// <param name="Time">The clock.</param>
/// <param name="Chance">The source of chance.</param>
/// <param name="Logger">The log.</param>
internal sealed record CacheEnvironment(
    ILeaseStore Store, IOriginView View, OriginGate Gate, Func<Task> Disbelieve, TimeSpan HeardAfter, TimeProvider Time, Chance Chance, ILogger Logger)
{
    /// <summary>Numbers moments, of all caches in one order.</summary>
    public LookNumbers Numbers { get; } = new();

    /// <summary>Asks for a read index: <see cref="LeaseCaches.AskReadIndexAsync"/>.</summary>
    public async ValueTask<ReadIndex> AskReadIndexAsync(Func<IDatabaseAsync, Task>? behind, CancellationToken cancellationToken)
    {
        if (!Store.IsAvailable)
        {
            return ReadIndex.None;
        }

        // Whatever is there with a smaller number was there before the question was sent.
        var moment = Numbers.Next();
        try
        {
            return await Store.CatchUpAsync(behind).WaitAsync(cancellationToken) ? new ReadIndex(moment) : ReadIndex.None;
        }
        catch (StoreUnavailableException)
        {
            return ReadIndex.None;
        }
    }
}
