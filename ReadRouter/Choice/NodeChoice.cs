using Floodgate.ReadRouter.Nodes;
using Floodgate.Sessions;

namespace Floodgate.ReadRouter.Choice;

/// <summary>Where a read goes and why.</summary>
/// <param name="Target">The node; null where none can serve.</param>
/// <param name="Reason">One of <see cref="Reasons"/>.</param>
/// <param name="AtLeast">What the node must have; the service checks it again on the connection it reads from.</param>
internal readonly record struct NodeChoice(Node? Target, string Reason, WalPosition AtLeast)
{
    /// <summary>No node can serve.</summary>
    public static NodeChoice Nobody { get; } = new(null, Reasons.None, WalPosition.None);

    /// <summary>No node is read: the service has the answer in Redis.</summary>
    public static NodeChoice InMemory { get; } = new(null, Reasons.VisibleValue, WalPosition.None);

    /// <summary>The node's name, for headers and metrics.</summary>
    public string Node => Target?.Name ?? (this == InMemory ? "redis" : "none");

    /// <summary>Whether the session's position is beyond the primary's, so that it must not be asked for again.</summary>
    public bool SessionIsLost => Reason == Reasons.WriteMayBeLost;
}
