using Floodgate.Bench.Consistency.Checking;
using Floodgate.Bench.Consistency.Load;
using Floodgate.Bench.Gateway;

namespace Floodgate.Bench.Consistency.Disturbing;

/// <summary>Sessions go on while nodes are disturbed; then their history is checked.</summary>
/// <param name="load">The sessions.</param>
/// <param name="disturber">Disturbs.</param>
internal sealed class DisturbedRun(ConsistencyLoad load, Disturber disturber)
{
    /// <summary>Runs it.</summary>
    /// <returns>The violations that were found.</returns>
    public async Task<IReadOnlyList<Violation>> RunAsync(IReadOnlyList<Disturbance> schedule, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var running = load.RunAsync(LoadShape.Probing, stop.Token, cancellation);
        try
        {
            await disturber.RunAsync(schedule, cancellation);
        }
        finally
        {
            await stop.CancelAsync();
            await running;
        }

        return ConsistencyChecker.Check(load.World.History);
    }

    /// <summary>How many operations of sessions under a policy ended so.</summary>
    public int Count(string policy, Outcome outcome) =>
        load.World.History.Operations.Count(operation => operation.Outcome == outcome && load.World.PolicyOf(operation.Session) == policy);
}
