using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.Counters;

/// <summary>On a machine that is shared: waits until others leave it alone, and tells whether they did meanwhile.</summary>
/// <param name="processor">Knows which processes are not others.</param>
/// <param name="patience">How long to wait at most, each time; zero for a machine that nobody else uses.</param>
/// <param name="time">The clock.</param>
internal sealed class QuietMachine(ProcessorTimes processor, TimeSpan patience, TimeProvider time)
{
    private const double QuietCores = 0.1;
    private const double DisturbedCores = 0.2;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(300);

    /// <summary>Waits until others use less than a tenth of a core, or the patience is over.</summary>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < patience)
        {
            var before = processor.Take();
            var began = time.GetTimestamp();
            await Task.Delay(Look, time, cancellation);
            if (OtherCores(processor.Take().Since(before), time.GetElapsedTime(began)) < QuietCores) return;
        }
    }

    /// <summary>Whether others used so much that a measurement is better done again.</summary>
    public bool Disturbed(ProcessorSample used, TimeSpan took) => patience > TimeSpan.Zero && OtherCores(used, took) > DisturbedCores;

    /// <summary>How many cores others used.</summary>
    public static double OtherCores(ProcessorSample used, TimeSpan took) => (used.Machine - used.Total) / took.TotalSeconds;
}
