using Floodgate.Model;
using Floodgate.SimulationTests.Cache.Running;

namespace Floodgate.SimulationTests.Cache.Mutants;

/// <summary>A fill is taken by the lease alone: leases as memcached has them.</summary>
internal sealed class HasNoFloors : CacheMutant
{
    public override LeaseBugs Bugs => LeaseBugs.HasNoFloors;
}

/// <summary>A fill is taken by the floor alone.</summary>
internal sealed class FillsWithoutLease : CacheMutant
{
    public override LeaseBugs Bugs => LeaseBugs.FillsWithoutLease;
}

/// <summary>A key that Redis has lost takes a fill.</summary>
internal sealed class FillsAbsentKeys : CacheMutant
{
    public override LeaseBugs Bugs => LeaseBugs.FillsAbsentKeys;

    // A lease that runs out with its key, and a floor that does too, before the fill comes.
    public override void Emphasize(CacheProfile profile)
    {
        profile.Cache.FillTimeout = TimeSpan.FromSeconds(4);
        profile.Cache.WaitTimeout = TimeSpan.FromSeconds(6);
        profile.Cache.FloorLifetime = TimeSpan.FromSeconds(1);
        profile.CutsRedis = true;
        profile.FillSlow = 0.6;
    }
}

/// <summary>An invalidation raises the floor, and the lease goes on.</summary>
internal sealed class InvalidationKeepsLease : CacheMutant
{
    public override LeaseBugs Bugs => LeaseBugs.InvalidationKeepsLease;

    public override void Emphasize(CacheProfile profile)
    {
        profile.FillSlow = 0.4;
        profile.VisibilityDelay = TimeSpan.FromMilliseconds(60);
    }
}

/// <summary>LSNs are compared as if there were one timeline.</summary>
internal sealed class ComparesWithoutTimelines : CacheMutant
{
    public override LeaseBugs Bugs => LeaseBugs.ComparesWithoutTimelines;
}

/// <summary>Updates are ordered by the position after their commit.</summary>
internal sealed class OrdersByPosition : CacheMutant
{
    public override LeaseBugs Bugs => LeaseBugs.OrdersByPosition;
}

/// <summary>A write that is told again, as the answer was lost, waits for nobody.</summary>
internal sealed class RepeatsWaitForNobody : CacheMutant
{
    public override LeaseBugs Bugs => LeaseBugs.RepeatsWaitForNobody;

    public override void Emphasize(CacheProfile profile)
    {
        HotKeys(profile);
        profile.Cache.HoldFor = TimeSpan.FromMilliseconds(400);
        profile.Redis = profile.Redis with { AnswerLost = 0.15 };
    }
}

/// <summary>A value is called stale from the position after the commit, before which readers of replicas may have seen the write.</summary>
internal sealed class StaleFromAfterCommit : CacheMutant
{
    public override LeaseBugs Bugs => LeaseBugs.StaleFromAfterCommit;
}

/// <summary>A copy is served although its entry was invalidated.</summary>
internal sealed class ChecksNoStaleness : CacheMutant
{
    public override LeaseBugs Bugs => LeaseBugs.ChecksNoStaleness;
}
