using Floodgate.Bench.Consistency.Load;
using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.Consistency.Sharing;

/// <summary>Sessions go on for a while and nothing is disturbed.</summary>
internal static class HealthyRun
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    /// <summary>Runs it.</summary>
    /// <param name="load">The sessions.</param>
    /// <param name="length">How long.</param>
    /// <param name="progress">Takes the seconds that have passed.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<ReadShare> RunAsync(ConsistencyLoad load, TimeSpan length, Progress progress, TimeProvider time, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var running = load.RunAsync(LoadShape.Ordinary, stop.Token, cancellation);
        try
        {
            for (var passed = TimeSpan.Zero; passed < length && !running.IsCompleted; passed += Tick)
            {
                await Task.Delay(Tick, time, cancellation);
                progress.Add(1);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await running;
        }

        return new ReadShare(load.World);
    }
}
