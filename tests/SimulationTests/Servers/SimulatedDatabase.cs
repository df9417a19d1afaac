using Floodgate.CounterService.Likes;
using Floodgate.CounterService.Reading;
using Floodgate.FlushWorker.Applying;
using Floodgate.Messaging.Counters;
using Floodgate.Model;
using Floodgate.Redis;
using Floodgate.SimulationTests.Scheduling;
using Floodgate.VisibleValues;
using Floodgate.VisibleValues.Reactions;
using Npgsql;

namespace Floodgate.SimulationTests.Servers;

/// <summary>PostgreSQL: the tables, and the way to them.</summary>
internal sealed class SimulatedDatabase(Scheduler scheduler)
{
    /// <summary>The tables.</summary>
    public ModelStore Tables { get; } = new(() => scheduler.Now);

    /// <summary>The way there.</summary>
    public Network Network { get; } = new(scheduler, "postgres", TimeSpan.FromMilliseconds(3), reason => new NpgsqlException(reason));
}

/// <summary>The flush's transactions, as a process calls them.</summary>
internal sealed class SimulatedStore(SimulatedProcess process, SimulatedDatabase database, TimeSpan timeout) : IFlushStore
{
    public async Task<FlushedBatch> CommitAsync(int partition, IReadOnlyList<CounterEnvelope> envelopes, CancellationToken cancellationToken) =>
        await database.Network.CallAsync(
            process, $"commit p{partition} {new ShownEnvelopes(envelopes)}",
            () =>
            {
                try
                {
                    return database.Tables.Commit(partition, envelopes);
                }
                catch (ModelContentException exception)
                {
                    throw new PostgresException(exception.Message, "ERROR", "ERROR", PostgresErrorCodes.NumericValueOutOfRange);
                }
            }).WaitAsync(timeout, process.Time, cancellationToken);

    public async Task<ParkedEnvelope> ParkAsync(
        int partition, ReadOnlyMemory<byte> body, CounterEnvelope? envelope, string reason, CancellationToken cancellationToken) =>
        await database.Network.CallAsync(
            process, $"park p{partition} {reason}", () => database.Tables.Park(partition, body, envelope, reason))
            .WaitAsync(timeout, process.Time, cancellationToken);

    public async Task<IReadOnlyList<Reaction>> ReadReactionsAsync(IReadOnlyList<Reaction> pairs, CancellationToken cancellationToken) =>
        await database.Network.CallAsync(process, $"read {pairs.Count} pairs for Redis", () => pairs.Select(pair =>
        {
            var (liked, version) = database.Tables.ReadReaction(pair.User, pair.Post);
            return pair with { Liked = liked, Version = version };
        }).Where(pair => pair.Version > 0).ToArray()).WaitAsync(timeout, process.Time, cancellationToken);
}

/// <summary>The epoch, as a process raises it.</summary>
internal sealed class SimulatedEpoch(SimulatedProcess process, SimulatedDatabase database, RedisGeneration generation) : IRedisEpoch
{
    public async Task RaiseAsync(CancellationToken cancellationToken)
    {
        var (losses, askedAt) = (generation.Losses, process.Time.GetTimestamp());
        var epoch = await database.Network.CallAsync(process, $"raise the epoch", () => ++database.Tables.Epoch)
            .WaitAsync(TimeSpan.FromSeconds(2), process.Time, cancellationToken);
        generation.SetEpoch(epoch, losses, askedAt);
    }
}

/// <summary>What CounterService reads of the tables.</summary>
internal sealed class SimulatedReads(SimulatedProcess process, SimulatedDatabase database, TimeSpan timeout) : ISlotSource, IReactionSource, IStoredReactionSource
{
    public async Task<IReadOnlyList<CounterSlot>[]> ReadAsync(IReadOnlyList<CounterId> counters) =>
        await database.Network.CallAsync(
            process, $"read the slots of {string.Join(", ", counters)}", () => counters.Select(database.Tables.ReadSlots).ToArray())
            .WaitAsync(timeout, process.Time);

    public async Task<IReadOnlyList<FlushedReaction>> ReadAsync(IReadOnlyList<Pair> pairs) =>
        await database.Network.CallAsync(process, $"read {pairs.Count} pairs", () => pairs.Select(pair =>
        {
            var (liked, version) = database.Tables.ReadReaction(pair.User, pair.Post);
            return new FlushedReaction(liked, version);
        }).ToArray()).WaitAsync(timeout, process.Time);

    async Task<IReadOnlyList<StoredReactions>> IStoredReactionSource.ReadAsync(IReadOnlyList<long> users) =>
        await database.Network.CallAsync(
            process, $"read the pairs of {string.Join(", ", users)}", () => users.Select(user => new StoredReactions(0, [.. database.Tables.ReadReactions(user)])).ToArray())
            .WaitAsync(timeout, process.Time);
}
