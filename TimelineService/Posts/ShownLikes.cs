using Floodgate.Messaging.Counters;
using Floodgate.Redis;
using Floodgate.VisibleValues;
using Floodgate.VisibleValues.Reactions;

namespace Floodgate.TimelineService.Posts;

/// <summary>
/// Reads likes where they are shown: the counters of a page's posts and what is remembered of its reader, at once. It says only what CounterService would
/// say too without asking PostgreSQL; everything else it leaves open. Redis is waited for <see cref="TimelineOptions.RedisTimeout"/>, and not at all while
/// it is left alone.
/// </summary>
internal sealed class ShownLikes(IVisibleReads counters, IReactionReads reactions, RedisGeneration generation, RedisGate redis)
{
    /// <summary>Finds the likes of posts.</summary>
    /// <param name="user">Who wants to know which of them are liked; null: nobody.</param>
    /// <param name="posts">The posts.</param>
    /// <param name="likes">Where what is found goes.</param>
    /// <returns>The posts of which Redis does not show all.</returns>
    public async Task<IReadOnlyList<long>> FindAsync(long? user, IReadOnlyList<long> posts, Dictionary<long, PostLikes> likes)
    {
        // Who could not tell Redis of a like raises the epoch, and acknowledges the like once nobody believes an older one any more: so this must not.
        if (!generation.IsEpochFresh || (await redis.TryAsync(_ => ReadAsync(user, posts))).Value is not { } shown)
        {
            return posts;
        }

        List<long>? unknown = null;
        for (var i = 0; i < posts.Count; i++)
        {
            if (shown.Counts[i] is { } count && shown.Pairs?[i] is null or { Reliance: Reliance.Full })
            {
                likes[posts[i]] = new PostLikes(count, shown.Pairs?[i].Liked ?? false);
            }
            else
            {
                (unknown ??= []).Add(posts[i]);
            }
        }

        return unknown ?? (IReadOnlyList<long>)[];
    }

    private async Task<Shown> ReadAsync(long? user, IReadOnlyList<long> posts)
    {
        var wanted = new CounterId[posts.Count];
        for (var i = 0; i < wanted.Length; i++)
        {
            wanted[i] = CounterId.Likes(posts[i]);
        }

        var counts = counters.ReadAsync(wanted);
        var pairs = user is { } reader ? (await reactions.ReadAsync(reader, posts)).Pairs : null;
        return new Shown(await counts, pairs);
    }

    // Pairs: null where nobody asks.
    private sealed record Shown(IReadOnlyList<long?> Counts, RememberedPair[]? Pairs);
}
