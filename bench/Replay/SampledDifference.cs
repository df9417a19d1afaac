using Floodgate.Bench.Gateway;
using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.Replay;

/// <summary>What the services' own comparison of home timelines with SQL came to during the replay.</summary>
/// <param name="Before">Before it; null where nobody said.</param>
/// <param name="After">After it; null where nobody said.</param>
internal readonly record struct SampledDifference(SampledTotals? Before, SampledTotals? After)
{
    // A service that was started anew counts from 0 again, and then all it says is of the replay.
    private bool IsContinued => Before is { } before && After is { } after && before.Instances == after.Instances && before.Samples <= after.Samples;

    /// <summary>Differences that they confirmed.</summary>
    public long Confirmed => After is null ? 0 : After.Differences - (IsContinued ? Math.Min(Before!.Differences, After.Differences) : 0);

    /// <summary>The table; without rows where the services say nothing.</summary>
    public ReportTable ToTable()
    {
        var table = new ReportTable(
            "Home timelines against SQL, sampled by the services since their start", "instances", "timelines", "entries", "missing", "extra", "duplicate", "out of order",
            "suspected");
        if (After is { } after)
            table.Add(after.Instances, after.Samples, after.Entries, after.Missing, after.Extra, after.Duplicate, after.Disordered, after.Suspects);
        return table;
    }
}
