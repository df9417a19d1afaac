using Floodgate.Redis;
using Floodgate.VisibleValues.Likes;
using Floodgate.VisibleValues.Reactions;
using StackExchange.Redis;

namespace Floodgate.TimelineService.Posts;

/// <summary>
/// Reads likes where they are shown: the counters of a page's posts and what is remembered of its reader, at once, from copies that Redis keeps up to date. It says only what CounterService would
/// say too without asking PostgreSQL; everything else it leaves open. Redis is waited for <see cref="TimelineOptions.RedisTimeout"/>, and not at all while
/// it is left alone.
/// </summary>
internal sealed class ShownLikes(LikeCounts counts, ReaderLikes pairs, RedisGeneration generation, RedisGate redis)
{
    /// <summary>Whether copies are kept now: then what is asked for needs no batch.</summary>
    public bool AreKept => counts.AreKept;

    /// <summary>Asks for likes of posts, before it returns.</summary>
    /// <param name="user">Who wants to know which of them are liked; null: nobody.</param>
    /// <param name="posts">The posts.</param>
    /// <param name="batch">What Redis is asked with, whatever copies there are; null: it is asked at once, as far as there are no copies.</param>
    /// <returns>What was sent; null where Redis is not to be asked.</returns>
    public SentLikes? Send(long? user, IReadOnlyList<long> posts, IDatabaseAsync? batch = null)
    {
        // Who could not tell Redis of a like raises the epoch, and acknowledges the like once nobody believes an older one any more: so this must not.
        if (!generation.IsEpochFresh || redis.IsResting)
        {
            return null;
        }

        var mayBeCopied = batch is null && AreKept;
        return new SentLikes(counts.ReadAsync(posts, batch), user is { } reader ? pairs.ReadAsync(reader, posts, batch) : null, mayBeCopied);
    }

    /// <summary>Takes the answers to what was sent.</summary>
    /// <param name="sent">What was sent; null: nothing.</param>
    /// <param name="posts">The posts that it was sent for.</param>
    /// <param name="likes">Where what is found goes, in the order of the posts.</param>
    /// <returns>The posts of which Redis does not show all.</returns>
    public async Task<IReadOnlyList<long>> FindAsync(SentLikes? sent, IReadOnlyList<long> posts, PostLikes?[] likes)
    {
        if (sent is null || (await redis.TryAsync(_ => ReadAsync(sent), mayBeCopied: sent.MayBeCopied)).Value is not { } shown)
        {
            return posts;
        }

        List<long>? unknown = null;
        for (var i = 0; i < posts.Count; i++)
        {
            if (shown.Counts[i] is { } count && shown.Pairs?[i] is null or { Reliance: Reliance.Full })
            {
                likes[i] = new PostLikes(count, shown.Pairs?[i].Liked ?? false);
            }
            else
            {
                (unknown ??= []).Add(posts[i]);
            }
        }

        return unknown ?? (IReadOnlyList<long>)[];
    }

    private static async Task<Shown> ReadAsync(SentLikes sent)
    {
        var pairs = sent.Pairs is null ? null : await sent.Pairs;
        return new Shown(await sent.Counts, pairs);
    }

    // Pairs: null where nobody asks.
    private sealed record Shown(IReadOnlyList<long?> Counts, RememberedPair[]? Pairs);
}

/// <summary>Likes that Redis was asked for.</summary>
/// <param name="Counts">How many there are of each post; null where that is not shown.</param>
/// <param name="Pairs">Which of the posts the reader likes; null where nobody asks.</param>
/// <param name="MayBeCopied">Whether the answers may be copies, which another connection keeps up to date.</param>
internal sealed record SentLikes(Task<IReadOnlyList<long?>> Counts, Task<RememberedPair[]>? Pairs, bool MayBeCopied)
{
    /// <summary>Ends when the last of it is answered.</summary>
    public Task Last => (Task?)Pairs ?? Counts;
}
