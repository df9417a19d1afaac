using Floodgate.CounterService.Coalescing;
using Floodgate.CounterService.Hosting;
using Floodgate.Redis;
using Floodgate.SimulationTests.Running;
using Floodgate.VisibleValues;
using Floodgate.VisibleValues.Reactions;

namespace Floodgate.SimulationTests.Mutants;

/// <summary>A bug put in on purpose. This one is none.</summary>
internal class Mutant
{
    /// <summary>What is not left out of the runs, though it is known to fail.</summary>
    public virtual KnownDefect Lifted => KnownDefect.None;

    /// <summary>Whether a like that Redis says is settled already is not published, though somebody who could not tell Redis may have changed it.</summary>
    public virtual bool TakesRepeatsForTruth => false;

    /// <summary>The clock of likes.</summary>
    public virtual TimeProvider LikeClock(TimeProvider real) => real;

    /// <summary>What CounterService publishes through.</summary>
    public virtual IEnvelopePublisher Publisher(IEnvelopePublisher real, IVisibleCounters counters, IReactionMemory reactions) => real;

    /// <summary>When hashes of reactions are filled.</summary>
    public virtual CounterOptions Filling(CounterOptions real) => real;

    /// <summary>How the epoch is raised.</summary>
    public virtual IRedisEpoch Epoch(IRedisEpoch real) => real;

    /// <summary>Changes the world before it begins.</summary>
    public virtual void Change(Simulation world)
    {
    }
}
