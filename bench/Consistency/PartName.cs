namespace Floodgate.Bench.Consistency;

/// <summary>The parts of the run, as they are called on the command line.</summary>
internal static class PartName
{
    public const string Violations = "violations";
    public const string Share = "share";
    public const string Overhead = "overhead";
    public const string Outage = "outage";

    /// <summary>All, in their order.</summary>
    public static IReadOnlyList<string> All { get; } = [Share, Overhead, Violations, Outage];
}
