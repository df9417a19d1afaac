namespace Floodgate.SimulationTests.Scheduling;

/// <summary>Something to be run.</summary>
internal sealed class Step(SimulatedProcess? owner, Action action)
{
    /// <summary>Whose it is; null: the world's.</summary>
    public SimulatedProcess? Owner => owner;

    /// <summary>What it does.</summary>
    public Action Action => action;

    /// <summary>Whether it is not to be run any more.</summary>
    public bool IsCancelled { get; set; }
}
