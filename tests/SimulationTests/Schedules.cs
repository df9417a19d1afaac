using System.Diagnostics;
using System.Globalization;
using Floodgate.FlushWorker.Telemetry;
using Floodgate.SimulationTests.Mutants;
using Floodgate.SimulationTests.Running;

namespace Floodgate.SimulationTests;

/// <summary>Which runs there are.</summary>
internal static class Schedules
{
    /// <summary>How many steps of a run that failed are shown.</summary>
    private const int Shown = 400;

    private static readonly FlushTelemetry Telemetry = new(TimeProvider.System);

    /// <summary>
    /// The seeds: 1 to <c>FLOODGATE_SIMULATION_RUNS</c> (3,000 unless set), or just <c>FLOODGATE_SIMULATION_SEED</c>.
    /// </summary>
    public static IEnumerable<int> Seeds => Number("FLOODGATE_SIMULATION_SEED") is { } seed
        ? [seed]
        : Enumerable.Range(1, Number("FLOODGATE_SIMULATION_RUNS") ?? 3000);

    /// <summary>Runs until one fails.</summary>
    /// <returns>What is wrong with it and how it came to that; null where all are right.</returns>
    public static string? FindFailure(Func<Mutant> mutant, IEnumerable<int> seeds, Action<string> write)
    {
        var started = Stopwatch.GetTimestamp();
        var (runs, steps) = (0, 0L);
        foreach (var seed in seeds)
        {
            using var simulation = new Simulation(seed, mutant(), Telemetry, kept: 0);
            var wrong = simulation.Run();
            runs++;
            steps += simulation.Scheduler.Steps;
            if (wrong is not null)
            {
                using var again = new Simulation(seed, mutant(), Telemetry, Shown);
                var wrongAgain = again.Run();
                write(string.Create(CultureInfo.InvariantCulture, $"The last {Shown} steps of seed {seed}:\n{again.Trace}"));
                return string.Create(CultureInfo.InvariantCulture, $"Seed {seed}: {wrong}{(wrong == wrongAgain ? "" : $"\nBut the second time: {wrongAgain}")}");
            }
        }

        write(string.Create(CultureInfo.InvariantCulture, $"{runs} runs, {steps} steps, {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s"));
        return null;
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
