using Floodgate.Redis;
using Floodgate.VisibleValues.Reactions;
using StackExchange.Redis;

namespace Floodgate.VisibleValues.Likes;

/// <summary>What Redis has of a reader and posts: see <see cref="ReactionHash"/>.</summary>
internal sealed class SeenReactions
{
    private readonly IReadOnlyList<long> _posts;
    private readonly RedisValue[] _seen;
    private readonly string? _generation;
    private readonly RememberedPair[] _believed;

    /// <summary>Takes what was read.</summary>
    /// <param name="posts">The posts.</param>
    /// <param name="seen">The fields of <see cref="ReactionHash.FixedFields"/>, then those of the posts.</param>
    public SeenReactions(IReadOnlyList<long> posts, RedisValue[] seen)
    {
        (_posts, _seen, _generation) = (posts, seen, seen[0]);
        _believed = ReactionHash.Read(seen, posts, isBelieved: true).Pairs;
    }

    /// <summary>Whether it is of these posts, in this order.</summary>
    public bool IsOf(IReadOnlyList<long> posts)
    {
        if (ReferenceEquals(posts, _posts))
        {
            return true;
        }

        if (posts.Count != _posts.Count)
        {
            return false;
        }

        for (var i = 0; i < posts.Count; i++)
        {
            if (posts[i] != _posts[i])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What is remembered of the pairs, in the order of the posts; not to be changed.</summary>
    /// <param name="current">The generation that is believed; null: not known.</param>
    public RememberedPair[] PairsAsOf(string? current) =>
        current is not null && RedisGeneration.Believes(_generation, current) ? _believed : ReactionHash.Read(_seen, _posts, isBelieved: false).Pairs;
}
