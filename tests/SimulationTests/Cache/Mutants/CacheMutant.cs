using Floodgate.Leases.Origin;
using Floodgate.Leases.Store;
using Floodgate.Model;
using Floodgate.SimulationTests.Cache.Running;

namespace Floodgate.SimulationTests.Cache.Mutants;

/// <summary>A bug put in on purpose. This one is none.</summary>
internal class CacheMutant
{
    /// <summary>Has the runs do more of what brings the bug out, so that few are enough.</summary>
    public virtual void Emphasize(CacheProfile profile)
    {
    }

    /// <summary>What the scripts do wrong.</summary>
    public virtual LeaseBugs Bugs => LeaseBugs.None;

    /// <summary>Whether callers of a process share every look for a key.</summary>
    public virtual bool SharesLooks => false;

    /// <summary>The store that a process gets.</summary>
    public virtual ILeaseStore Store(ILeaseStore real) => real;

    /// <summary>What a process knows of the database.</summary>
    public virtual IOriginView View(IOriginView real) => real;

    /// <summary>No other trouble than what is chosen after this.</summary>
    protected static void Only(CacheProfile profile)
    {
        (profile.PausesReplicas, profile.FailsOver, profile.StopsPrimary, profile.RestartsRedis) = (false, false, false, false);
        (profile.BreaksRedis, profile.CutsRedis, profile.Kills, profile.Freezes) = (false, false, false, false);
    }

    /// <summary>Keys are served from memory, and pushes do not arrive.</summary>
    protected static void HotKeys(CacheProfile profile)
    {
        profile.Cache.HotRate = 2;
        profile.PushLost = 0.8;
    }
}
