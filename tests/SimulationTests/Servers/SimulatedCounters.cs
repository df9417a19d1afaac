using Floodgate.Messaging.Counters;
using Floodgate.Redis;
using Floodgate.SimulationTests.Scheduling;
using Floodgate.VisibleValues;
using StackExchange.Redis;

namespace Floodgate.SimulationTests.Servers;

/// <summary>Counters in Redis, as a process calls them: what <see cref="CounterHash"/> does, over the model.</summary>
internal sealed class SimulatedCounters(SimulatedProcess process, SimulatedRedis redis, RedisGeneration generation) : IVisibleCounters
{
    public async Task<IReadOnlyList<long?>> ReadAsync(IReadOnlyList<CounterId> counters, IDatabaseAsync? batch = null) => generation.Current is { } current
        ? await redis.Network.CallAsync(
            process, $"read {string.Join(", ", counters)} {current}", () => counters.Select(counter => redis.Counters.Read(counter, current)).ToArray())
        : new long?[counters.Count];

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
