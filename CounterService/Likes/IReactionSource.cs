using System.Runtime.InteropServices;

namespace Floodgate.CounterService.Likes;

/// <summary>A (user, post) pair.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Pair(long User, long Post);

/// <summary>A pair as the flush left it; version 0 where it never was.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FlushedReaction(bool Liked, long Version);

/// <summary>Where the flushed reactions are: the primary.</summary>
internal interface IReactionSource
{
    /// <summary>Reads pairs; the answers are in their order.</summary>
    /// <exception cref="Exception">The primary does not answer in time.</exception>
    Task<IReadOnlyList<FlushedReaction>> ReadAsync(IReadOnlyList<Pair> pairs);
}
