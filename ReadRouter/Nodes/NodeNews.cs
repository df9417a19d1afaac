namespace Floodgate.ReadRouter.Nodes;

/// <summary>Logs when a node's state changed, and only then.</summary>
internal static class NodeNews
{
    public static void Tell(ILogger logger, Node node, (NodeStatus Before, NodeStatus After) change)
    {
        var (before, after) = change;
        if (after.Health != before.Health)
        {
            if (after.Health == NodeHealth.Healthy)
                logger.NodeAdmitted(node.Name, after.Lag, after.Position);
            else if (after.Health == NodeHealth.Lagging)
                logger.NodeLags(node.Name, after.Lag);
            else if (after.Health == NodeHealth.Diverged)
                logger.NodeDiverged(node.Name, after.Position);
        }
    }

    public static void TellFailure(ILogger logger, Node node, (NodeStatus Before, NodeStatus After) change, string error)
    {
        if (change.After.Health == NodeHealth.Failed && change.Before.Health != NodeHealth.Failed)
            logger.NodeFailed(node.Name, change.After.FailedPolls, error);
    }
}
