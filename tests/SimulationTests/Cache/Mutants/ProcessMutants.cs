using Floodgate.Leases.Origin;
using Floodgate.Sessions;
using Floodgate.SimulationTests.Cache.Running;

namespace Floodgate.SimulationTests.Cache.Mutants;

/// <summary>A Redis that was started anew is taken to know every write: what it has lost is not made up for by the base floor.</summary>
internal sealed class IgnoresBaseFloor : CacheMutant
{
    // Replicas that have not replayed what a former Redis was told.
    public override void Emphasize(CacheProfile profile)
    {
        Only(profile);
        (profile.RestartsRedis, profile.PausesReplicas) = (true, true);
        profile.ReplayInterval = TimeSpan.FromMilliseconds(800);
    }

    public override IOriginView View(IOriginView real) => new Careless(real);

    private sealed class Careless(IOriginView real) : IOriginView
    {
        public TimelineHistory History => real.History;

        public WalPosition? BaseFloor => WalPosition.None;
    }
}

/// <summary>Who comes while somebody looks for a key takes what that finds, whatever it has seen itself.</summary>
internal sealed class SharesAnyLook : CacheMutant
{
    public override bool SharesLooks => true;
}
