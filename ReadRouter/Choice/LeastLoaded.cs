using Floodgate.ReadRouter.Nodes;

namespace Floodgate.ReadRouter.Choice;

/// <summary>
/// Picks among nodes by the power of two choices: two at random, the less loaded of them. Nearly as even as the least loaded of all, and
/// many routers with old news do not all run to the same one (Mitzenmacher, IEEE TPDS 12(10), 2001).
/// </summary>
internal sealed class LeastLoaded(Random random)
{
    /// <summary>Picks one; null where there is none.</summary>
    /// <param name="nodes">The candidates.</param>
    public Node? Pick(ReadOnlySpan<Node> nodes)
    {
        if (nodes.Length < 2)
            return nodes.Length == 0 ? null : nodes[0];

        var first = random.Next(nodes.Length);
        var second = random.Next(nodes.Length - 1);
        if (second >= first)
            second++;
        return Load(nodes[second]) < Load(nodes[first]) ? nodes[second] : nodes[first];
    }

    private static double Load(Node node) => (node.InFlight + 1) / node.Share();
}
