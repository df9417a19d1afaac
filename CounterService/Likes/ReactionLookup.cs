using Floodgate.CounterService.Lookups;

namespace Floodgate.CounterService.Likes;

/// <summary>Looks up pairs that Redis does not know, many in one query.</summary>
internal sealed class ReactionLookup(IReactionSource source)
{
    private readonly BatchedLookup<Pair, FlushedReaction> _lookup = new("reactions", source.ReadAsync);

    /// <summary>Looks up a pair.</summary>
    /// <exception cref="Exception">The primary does not answer in time.</exception>
    public Task<FlushedReaction> GetAsync(long user, long post) => _lookup.GetAsync(new Pair(user, post));
}
