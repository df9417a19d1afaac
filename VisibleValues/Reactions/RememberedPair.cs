using System.Runtime.InteropServices;

namespace Floodgate.VisibleValues.Reactions;

/// <summary>How far what is remembered of a pair can be relied on.</summary>
public enum Reliance
{
    /// <summary>Nothing is remembered, or a change is in flight.</summary>
    None,

    /// <summary>The state is durable, but a newer one may be missing: of it and the database's, the higher version holds.</summary>
    Past,

    /// <summary>It is the state, whatever the database says.</summary>
    Full,
}

/// <summary>What Redis remembers of a (user, post) pair.</summary>
/// <param name="Reliance">How far it can be relied on.</param>
/// <param name="Liked">The state.</param>
/// <param name="Version">The version of a state of the past; else 0.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RememberedPair(Reliance Reliance, bool Liked, long Version);

/// <summary>What Redis remembers of pairs of a user.</summary>
/// <param name="Pairs">Of each pair, in the order of the posts.</param>
/// <param name="IsComplete">Whether it has all posts that the user likes, from some post on.</param>
/// <param name="Mark">Under which mark the posts that the user likes may be filled in, see <see cref="IReactionMemory.MarkAsync"/>; null where there is none.</param>
public sealed record RememberedReactions(RememberedPair[] Pairs, bool IsComplete, string? Mark)
{
    /// <summary>Nothing is remembered, as Redis does not answer.</summary>
    /// <param name="count">Of how many pairs.</param>
    public static RememberedReactions Nothing(int count) => new(new RememberedPair[count], IsComplete: false, Mark: null);
}

/// <summary>A pair of a user as the database has it.</summary>
/// <param name="Post">The post.</param>
/// <param name="Liked">Whether it is liked; where it once was, it is kept that it is not.</param>
/// <param name="Version">The version of the state.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct StoredReaction(long Post, bool Liked, long Version);

/// <summary>The pairs of a user with the newest posts.</summary>
/// <param name="Floor">From this post on it is all of them; 0: all there are.</param>
/// <param name="Pairs">The pairs.</param>
public sealed record StoredReactions(long Floor, IReadOnlyList<StoredReaction> Pairs);
