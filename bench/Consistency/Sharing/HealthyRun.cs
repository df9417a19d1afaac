using Floodgate.Bench.Consistency.Load;
using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.Consistency.Sharing;

/// <summary>Sessions go on for a while and nothing is disturbed.</summary>
internal static class HealthyRun
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    // Signing up was a write: what counts begins when that is out of every window.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);

    /// <summary>How many steps of progress it takes.</summary>
    public static long Steps(TimeSpan length) => (long)Math.Ceiling((WarmUp + length) / Tick);

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
        var since = time.GetTimestamp() + (long)(WarmUp.TotalSeconds * time.TimestampFrequency);
        try
        {
            for (var passed = TimeSpan.Zero; passed < WarmUp + length && !running.IsCompleted; passed += Tick)
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

        return new ReadShare(load.World, since);
    }
}
