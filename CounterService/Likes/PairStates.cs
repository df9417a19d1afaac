using Floodgate.VisibleValues.Reactions;

namespace Floodgate.CounterService.Likes;

/// <summary>Whether a user likes posts: of what Redis remembers and what the database has, what is newer.</summary>
internal static class PairStates
{
    /// <summary>The posts that the database must be asked for.</summary>
    public static long[] Unknown(IReadOnlyList<long> posts, RememberedReactions remembered) =>
        [.. posts.Where((_, i) => remembered.Pairs[i].Reliance != Reliance.Full)];

    /// <summary>The states, in the order of the posts.</summary>
    /// <param name="posts">The posts.</param>
    /// <param name="remembered">What Redis remembers of them.</param>
    /// <param name="flushed">What the database has of the unknown ones.</param>
    public static bool[] Merge(IReadOnlyList<long> posts, RememberedReactions remembered, IReadOnlyDictionary<long, FlushedReaction> flushed)
    {
        var liked = new bool[posts.Count];
        for (var i = 0; i < liked.Length; i++)
        {
            var pair = remembered.Pairs[i];
            var row = pair.Reliance == Reliance.Full ? default : flushed.GetValueOrDefault(posts[i]);

            // A state that was settled is durable whoever wrote it, and may not be flushed yet.
            liked[i] = pair.Reliance == Reliance.Full || (pair.Reliance == Reliance.Past && pair.Version > row.Version) ? pair.Liked : row.Liked;
        }

        return liked;
    }
}
