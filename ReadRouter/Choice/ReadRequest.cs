using Floodgate.ReadRouter.Nodes;
using Floodgate.ReadRouter.Sessions;

namespace Floodgate.ReadRouter.Choice;

/// <summary>A read that needs a node.</summary>
/// <param name="Consistency">What the caller asks for.</param>
/// <param name="Reads">What is configured for the route.</param>
/// <param name="Session">What the session has seen.</param>
/// <param name="Except">A node that just failed this read; null on the first attempt.</param>
internal readonly record struct ReadRequest(Consistency Consistency, RouteReads Reads, SeenState Session, Node? Except)
{
    /// <summary>
    /// Whether a cache of the service may answer. Not where the newest is asked for; nor under the policies by the clock, which do not say what the
    /// session has seen.
    /// </summary>
    public bool MayBeCached => Policy is ReadPolicy.Lsn or ReadPolicy.Eventual;

    /// <summary>The policy, as the caller's wish and the route's setting make it.</summary>
    public ReadPolicy Policy => Consistency switch
    {
        Consistency.Strong => ReadPolicy.Primary,
        Consistency.Eventual => ReadPolicy.Eventual,
        _ => Reads.Policy,
    };
}
