using Floodgate.Bench.Counters.Load;

namespace Floodgate.Bench.Counters;

/// <summary>One thing that is measured.</summary>
/// <param name="Name">Its <see cref="PhaseName"/>.</param>
/// <param name="What">What it is, for the reader.</param>
/// <param name="Address">The server that gets the requests.</param>
/// <param name="PrepareAsync">Prepares a run of it, which writes where no run before it has.</param>
internal sealed record Phase(string Name, string What, Uri Address, Func<CancellationToken, Task<PhaseRun>> PrepareAsync)
{
    /// <summary>Whether it is run before anything is measured. Not so where another phase runs the same code.</summary>
    public bool WarmUp { get; init; } = true;
}

/// <summary>One run of a phase.</summary>
/// <param name="Requests">What to send.</param>
/// <param name="TotalsAsync">Waits until all of it has arrived, and reads by place what is there; null where nothing is kept.</param>
internal sealed record PhaseRun(RequestSource Requests, Func<CancellationToken, Task<IReadOnlyDictionary<string, long>>>? TotalsAsync);
