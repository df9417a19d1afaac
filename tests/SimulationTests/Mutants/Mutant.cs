using Floodgate.CounterService.Coalescing;
using Floodgate.CounterService.Likes;
using Floodgate.SimulationTests.Running;
using Floodgate.VisibleValues;

namespace Floodgate.SimulationTests.Mutants;

/// <summary>A bug put in on purpose. This one is none.</summary>
internal class Mutant
{
    /// <summary>What is not left out of the runs, though it is known to fail.</summary>
    public virtual KnownDefect Lifted => KnownDefect.None;

    /// <summary>Whether counters stay in Redis longer than the watermarks name a producer.</summary>
    public virtual bool CountersOutliveWatermarks => false;

    /// <summary>What CounterService publishes through.</summary>
    public virtual IEnvelopePublisher Publisher(IEnvelopePublisher real, IVisibleCounters counters, IReactionMemory reactions) => real;

    /// <summary>How FlushWorker raises the epoch.</summary>
    public virtual IVisibleEpoch Epoch(IVisibleEpoch real) => real;

    /// <summary>Changes the world before it begins.</summary>
    public virtual void Change(Simulation world)
    {
    }
}
