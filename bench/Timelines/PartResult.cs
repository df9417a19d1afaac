using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.Timelines;

/// <summary>One line of the summary.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Figure">The figure with its unit.</param>
/// <param name="Beside">What it is compared with, and how it compares.</param>
/// <param name="Goal">The goal; empty where there is none.</param>
/// <param name="Met">Whether it is met; null where there is none.</param>
internal sealed record SummaryLine(string What, string Figure, string Beside, string Goal = "", bool? Met = null);

/// <summary>What a part found.</summary>
internal sealed class PartResult
{
    /// <summary>Its lines of the summary.</summary>
    public List<SummaryLine> Summary { get; } = [];

    /// <summary>Its tables.</summary>
    public List<ReportTable> Tables { get; } = [];

    /// <summary>A chart, line by line; empty where there is none.</summary>
    public IReadOnlyList<string> Chart { get; set; } = [];

    /// <summary>What processor time was used while something was done so many times.</summary>
    public List<(string What, double Times, ProcessorSample Used)> Costs { get; } = [];

    /// <summary>What must not be: a post that is missing, a page that is wrong.</summary>
    public List<string> Faults { get; } = [];
}
