using Floodgate.Messaging.Counters;
using Floodgate.Redis;
using Floodgate.SimulationTests.Scheduling;
using Floodgate.VisibleValues.Reactions;
using StackExchange.Redis;

namespace Floodgate.SimulationTests.Servers;

/// <summary>Reactions in Redis, as a process calls them: what <see cref="ReactionHash"/> does, over the model.</summary>
internal sealed class SimulatedReactions(SimulatedProcess process, SimulatedRedis redis, RedisGeneration generation) : IReactionMemory
{
    public async Task<Intent> IntendAsync(long user, long post, bool liked, long atLeast) => generation.Current is { } current
        ? await redis.Network.CallAsync(
            process, $"intend {user}/{post} {liked} {atLeast} {current}", () => redis.Reactions.Intend(user, post, liked, atLeast, current))
        : new Intent(Announced: false, atLeast, Before: null);

    public Task SettleAsync(in Reaction reaction)
    {
        var (settled, current) = (reaction, generation.Current);
        return CallAsync($"settle {settled.User}/{settled.Post} {settled.Liked} {settled.Version} {current}", () => redis.Reactions.Settle(settled, current));
    }

    public async Task<RememberedReactions> ReadAsync(long user, IReadOnlyList<long> posts, IDatabaseAsync? batch = null)
    {
        var current = generation.Current;
        return await redis.Network.CallAsync(process, $"states of {user}", () => redis.Reactions.Read(user, posts, current));
    }

    public Task MarkAsync(long user, string mark) => generation.Current is { } current
        ? CallAsync($"mark {user} {mark}", () => redis.Reactions.Mark(user, mark, current))
        : Task.CompletedTask;

    public Task CompleteAsync(long user, string mark, StoredReactions stored) => generation.Current is { } current
        ? CallAsync($"complete {user} {mark} {string.Join(' ', stored.Pairs)}", () => redis.Reactions.Complete(user, mark, stored, current))
        : Task.CompletedTask;

    public Task TellAsync(in Reaction reaction)
    {
        var told = reaction;
        return CallAsync($"tell {told.User}/{told.Post} {told.Liked} {told.Version}", () => redis.Reactions.Tell(told));
    }

    private Task<bool> CallAsync(FormattableString what, Action action) => redis.Network.CallAsync(process, $"{what}", () =>
    {
        action();
        return true;
    });
}
