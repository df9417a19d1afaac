using Floodgate.Bench.CommandLine;

namespace Floodgate.Bench.Timelines;

/// <summary>What <c>bench timelines</c> is asked to do.</summary>
internal sealed record TimelinesOptions
{
    /// <summary>From how many followers on posts are merged in this run: one more than by default, so that 10,000 are still pushed to.</summary>
    public const int Threshold = 10_001;

    /// <summary>All options with their help.</summary>
    public static IReadOnlyList<Option> All { get; } =
    [
        new("--seconds", "N", "How long each load runs. Default 3."),
        new("--entries", "N", "Entries that are pushed end to end for each size of audience. Default 1000000."),
        new("--largest", "N", "The largest audience whose post is measured: 10, 100, ... up to it. Default 1000000."),
        new("--readers", "N", "Readers with full timelines. Default 2000."),
        new("--connections", "N", "HTTP connections, each with one request under way. Default 64."),
        new("--seed", "N", "Makes the follows and the order of the readers repeatable. Default 1."),
        new("--only", "A,B", "Only these parts: " + string.Join(", ", PartName.All) + "."),
        new("--markdown", "FILE", "Also write the result as Markdown."),
    ];

    /// <summary>How long each load runs.</summary>
    public TimeSpan PhaseLength { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Entries that are pushed end to end for each size of audience.</summary>
    public int Entries { get; init; } = 1_000_000;

    /// <summary>The largest audience.</summary>
    public int Largest { get; init; } = 1_000_000;

    /// <summary>Readers with full timelines.</summary>
    public int Readers { get; init; } = 2000;

    /// <summary>HTTP connections.</summary>
    public int Connections { get; init; } = 64;

    /// <summary>Seed of all chance.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The parts to run.</summary>
    public IReadOnlyList<string> Parts { get; init; } = PartName.All;

    /// <summary>Where the Markdown goes, or null.</summary>
    public string? Markdown { get; init; }

    /// <summary>Whether one of these parts runs.</summary>
    public bool Has(params ReadOnlySpan<string> parts)
    {
        foreach (var part in parts)
        {
            if (Parts.Contains(part, StringComparer.Ordinal)) return true;
        }

        return false;
    }

    /// <summary>Reads the options.</summary>
    /// <exception cref="UsageException">Names every argument that is wrong.</exception>
    public static TimelinesOptions Read(Arguments arguments)
    {
        var options = new TimelinesOptions
        {
            PhaseLength = TimeSpan.FromSeconds(arguments.Whole("--seconds", 3, 1, 600)),
            Entries = arguments.Whole("--entries", 1_000_000, 10_000, 100_000_000),
            Largest = arguments.Whole("--largest", 1_000_000, 10, 10_000_000),
            Readers = arguments.Whole("--readers", 2000, 10, 100_000),
            Connections = arguments.Whole("--connections", 64, 1, 1024),
            Seed = arguments.Whole("--seed", 1, 0, int.MaxValue),
            Parts = arguments.Some("--only", PartName.All, "part"),
            Markdown = arguments.Output("--markdown"),
        };
        arguments.ThrowIfWrong();
        return options;
    }
}
