using Floodgate.CounterService.Likes;
using Floodgate.Messaging.Counters;
using Floodgate.SimulationTests.Scheduling;
using Floodgate.VisibleValues;

namespace Floodgate.SimulationTests.Servers;

/// <summary>Counters in Redis, as a process calls them: what <see cref="CounterHash"/> does, over the model.</summary>
internal sealed class SimulatedCounters(SimulatedProcess process, SimulatedRedis redis, VisibleGeneration generation) : IVisibleCounters
{
    public async Task<long?> ReadAsync(CounterId counter) => generation.Current is { } current
        ? await redis.Network.CallAsync(process, $"read {counter} {current}", () => redis.Counters.Read(counter, current))
        : null;

    public async Task<long?> ApplyAsync(CounterId counter, EnvelopeMark envelope, long amount) => generation.Current is { } current
        ? await redis.Network.CallAsync(
            process, $"apply {counter} {current} {new ShownEnvelope(envelope.Envelope)} {amount}",
            () => redis.Counters.Apply(counter, current, envelope.Envelope, amount))
        : throw Unknown();

    public async Task<string> BeginLoadAsync(CounterId counter, string mark)
    {
        var current = generation.Current ?? throw Unknown();
        return await redis.Network.CallAsync(process, $"begin to load {counter} {current}", () => redis.Counters.BeginLoad(counter, current, mark));
    }

    public async Task<long?> LoadAsync(CounterId counter, string mark, IReadOnlyList<CounterSlot> slots)
    {
        var current = generation.Current ?? throw Unknown();
        return await redis.Network.CallAsync(
            process, $"load {counter} {current} {new ShownSlots(slots)}", () => redis.Counters.Load(counter, current, mark, slots));
    }

    public async Task<Reconciled> ReconcileAsync(CounterId counter, CounterSlot slot, long previous, IReadOnlyList<string> envelopes)
    {
        var current = generation.Current ?? throw Unknown();
        return await redis.Network.CallAsync(
            process, $"reconcile {counter} {current} {new ShownSlots([slot])} after {previous}, {envelopes.Count} envelopes",
            () => redis.Counters.Reconcile(counter, current, slot, previous, envelopes));
    }

    private static TimeoutException Unknown() => new("It is not known which generation of visible values there is.");
}

/// <summary>Reactions in Redis, as a process calls them: what <see cref="ReactionHash"/> does, over the model.</summary>
internal sealed class SimulatedReactions(SimulatedProcess process, SimulatedRedis redis, VisibleGeneration generation) : IReactionMemory
{
    public async Task<Intent> IntendAsync(long user, long post, bool liked, long atLeast) => generation.Current is { } current
        ? await redis.Network.CallAsync(
            process, $"intend {user}/{post} {liked} {atLeast} {current}", () => redis.Reactions.Intend(user, post, liked, atLeast, current))
        : new Intent(Announced: false, atLeast, Before: null);

    public Task SettleAsync(in Reaction reaction)
    {
        var settled = reaction;
        return generation.Current is { } current
            ? redis.Network.CallAsync(process, $"settle {settled.User}/{settled.Post} {settled.Liked} {settled.Version} {current}", () =>
            {
                redis.Reactions.Settle(settled, current);
                return true;
            })
            : Task.CompletedTask;
    }

    public async Task<bool?[]> ReadAsync(long user, IReadOnlyList<long> posts)
    {
        var current = generation.Current;
        return await redis.Network.CallAsync(process, $"states of {user}", () => redis.Reactions.Read(user, posts, current));
    }
}
