using Floodgate.Sessions;

namespace Floodgate.Nodes;

/// <summary>Where a read may go.</summary>
/// <param name="Node">The node to read from; null for the one that takes writes, whichever that is.</param>
/// <param name="AtLeast">The position the node must have replayed; <see cref="WalPosition.None"/> where any will do.</param>
public readonly record struct NodeRead(string? Node, WalPosition AtLeast)
{
    /// <summary>Whether no cache may answer: the caller wants what the node has.</summary>
    public bool PastCaches { get; init; }

    /// <summary>A read from the primary.</summary>
    public static NodeRead Primary { get; } = new(null, WalPosition.None);
}

/// <summary>A value and where it was read.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
/// <param name="Value">What was read.</param>
/// <param name="Node">The node that answered.</param>
/// <param name="Position">
/// Its position, taken after the last snapshot: everything in <paramref name="Value"/> was there by then. This is what a session has seen, as
/// a node that is only at <see cref="Holds"/> may lack what was replayed between the two.
/// </param>
/// <param name="Reason">Why this was not the node asked for: <c>node-behind</c>, <c>node-failed</c>, <c>write-may-be-lost</c>; null where it was.</param>
public readonly record struct ReadAt<T>(T Value, string Node, WalPosition Position, string? Reason)
{
    /// <summary>Whether the node that answered is the one that takes writes: what it does not have is nowhere.</summary>
    public bool FromPrimary { get; init; }

    /// <summary>Its position, taken before the first snapshot: everything up to it is in the value.</summary>
    public WalPosition Holds { get; init; }
}
