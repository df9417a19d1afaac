using Floodgate.Sessions;
using Floodgate.SimulationTests.Cache.Cluster;

namespace Floodgate.SimulationTests.Cache.Running;

/// <summary>What a process knows of the cluster: a promotion a while after it happened.</summary>
internal sealed class ClusterKnowledge
{
    private readonly SimulatedCluster _cluster;
    private readonly Action<TimeSpan, Action> _later;
    private readonly TimeSpan _most;

    public ClusterKnowledge(SimulatedCluster cluster, TimeSpan most, Action<TimeSpan, Action> later)
    {
        (_cluster, _most, _later) = (cluster, most, later);
        (History, Primary) = (cluster.History, cluster.Primary);
        cluster.OnPromotion(LearnLater);
    }

    public TimelineHistory History { get; private set; }

    /// <summary>Who takes writes, as far as it knows.</summary>
    public ClusterNode Primary { get; private set; }

    /// <summary>It met a position that it could not place, and asked.</summary>
    public void Learn() => (History, Primary) = (_cluster.History, _cluster.Primary);

    private void LearnLater() => _later(_most, Learn);
}
