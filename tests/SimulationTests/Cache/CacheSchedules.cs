using System.Diagnostics;
using System.Globalization;
using Floodgate.SimulationTests.Cache.Mutants;
using Floodgate.SimulationTests.Cache.Running;

namespace Floodgate.SimulationTests.Cache;

/// <summary>Which runs of the lease cache there are.</summary>
internal static class CacheSchedules
{
    /// <summary>How many steps of a run that failed are shown.</summary>
    private const int Shown = 400;

    /// <summary>
    /// The seeds: 1 to <c>FLOODGATE_SIMULATION_CACHE_RUNS</c> (1,000 unless set), or just <c>FLOODGATE_SIMULATION_CACHE_SEED</c>.
    /// </summary>
    public static IEnumerable<int> Seeds => Number("FLOODGATE_SIMULATION_CACHE_SEED") is { } seed
        ? [seed]
        : Enumerable.Range(1, Number("FLOODGATE_SIMULATION_CACHE_RUNS") ?? 1000);

    /// <summary>As many seeds as it may take to find a bug that was put in on purpose; most take ten.</summary>
    public static IEnumerable<int> MutantSeeds => Number("FLOODGATE_SIMULATION_CACHE_SEED") is { } seed ? [seed] : Enumerable.Range(1, 4000);

    /// <summary>Runs until one fails.</summary>
    /// <returns>What is wrong with it and how it came to that; null where all are right.</returns>
    public static string? FindFailure(Func<CacheMutant> mutant, IEnumerable<int> seeds, Action<string> write)
    {
        var started = Stopwatch.GetTimestamp();
        var (runs, steps, indexed) = (0, 0L, 0L);
        foreach (var seed in seeds)
        {
            var simulation = new CacheSimulation(seed, mutant(), kept: 0);
            var wrong = simulation.Run();
            runs++;
            steps += simulation.Scheduler.Steps;
            indexed += simulation.ReadsAtIndex;
            if (wrong is not null)
            {
                var again = new CacheSimulation(seed, mutant(), Number("FLOODGATE_SIMULATION_TRACE") ?? Shown);
                var wrongAgain = again.Run();
                write(string.Create(CultureInfo.InvariantCulture, $"The last {Shown} steps of seed {seed}:\n{again.Trace}"));
                return string.Create(CultureInfo.InvariantCulture, $"Seed {seed}: {wrong}{(wrong == wrongAgain ? "" : $"\nBut the second time: {wrongAgain}")}");
            }
        }

        write(string.Create(CultureInfo.InvariantCulture, $"{runs} runs, {steps} steps, {indexed} reads as of an index, {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s"));
        return null;
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
