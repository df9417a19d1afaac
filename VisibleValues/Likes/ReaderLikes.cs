using Floodgate.Redis;
using Floodgate.Redis.Tracking;
using Floodgate.VisibleValues.Reactions;
using StackExchange.Redis;

namespace Floodgate.VisibleValues.Likes;

/// <summary>Reads which posts a reader likes, as far as Redis remembers: from copies that Redis keeps up to date, and where there are none from Redis.</summary>
public sealed class ReaderLikes
{
    private readonly IReactionReads _reactions;
    private readonly TrackedKind<ReaderPosts, SeenReactions> _copies;
    private readonly RedisGeneration _generation;

    /// <summary>Creates it.</summary>
    /// <param name="reactions">Reads them from Redis.</param>
    /// <param name="copies">The copies.</param>
    /// <param name="generation">What is believed.</param>
    internal ReaderLikes(IReactionReads reactions, TrackedKind<ReaderPosts, SeenReactions> copies, RedisGeneration generation) =>
        (_reactions, _copies, _generation) = (reactions, copies, generation);

    /// <summary>What Redis remembered at some moment after the call, in the order of the posts; not to be changed.</summary>
    /// <param name="reader">Who.</param>
    /// <param name="posts">The posts, each once.</param>
    /// <param name="batch">What Redis is asked with, together with other things, and whatever copies there are; null: at once, and only for want of copies.</param>
    /// <exception cref="RedisException">Redis is away.</exception>
    public Task<RememberedPair[]> ReadAsync(long reader, IReadOnlyList<long> posts, IDatabaseAsync? batch = null)
    {
        var losses = _generation.Losses;
        return batch is null && _copies.Ask([new ReaderPosts(reader, posts)]) is { } asked
            ? ReadAsync(reader, posts, asked, losses)
            : ReadFromRedisAsync(reader, posts, batch);
    }

    private async Task<RememberedPair[]> ReadAsync(long reader, IReadOnlyList<long> posts, TrackedRead<ReaderPosts, SeenReactions> asked, long losses)
    {
        // What is believed is said of the run that others speak to: a copy of another one, or of nobody knows which, says nothing.
        return await asked.ValuesAsync() is [{ } seen] && _generation.Losses == losses && _generation.Run == asked.Run
            ? seen.PairsAsOf(_generation.Current)
            : await ReadFromRedisAsync(reader, posts, batch: null);
    }

    private async Task<RememberedPair[]> ReadFromRedisAsync(long reader, IReadOnlyList<long> posts, IDatabaseAsync? batch) =>
        (await _reactions.ReadAsync(reader, posts, batch)).Pairs;
}
