using System.Globalization;

namespace Floodgate.TimelineTests.Histories;

/// <summary>
/// Which histories are run: seeds 1 to <c>FLOODGATE_HISTORIES_RUNS</c> (200 unless set), some at the same time; or that of <c>FLOODGATE_HISTORIES_SEED</c>
/// alone, and with both as many from that seed on, one after another.
/// </summary>
internal static class HistorySeeds
{
    private const int Runs = 200;
    private const int Together = 16;

    public const string SeedVariable = "FLOODGATE_HISTORIES_SEED";
    public const string RunsVariable = "FLOODGATE_HISTORIES_RUNS";

    public static IEnumerable<int> All => Number(SeedVariable) is { } seed
        ? Enumerable.Range(seed, Number(RunsVariable) ?? 1)
        : Enumerable.Range(1, Number(RunsVariable) ?? Runs);

    /// <summary>How many are run at the same time.</summary>
    public static int AtOnce => Number(SeedVariable) is null ? Together : 1;

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
