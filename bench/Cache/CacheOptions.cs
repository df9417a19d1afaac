using Floodgate.Bench.CommandLine;

namespace Floodgate.Bench.Cache;

/// <summary>What <c>bench cache</c> is asked to do.</summary>
internal sealed record CacheOptions
{
    /// <summary>How many processes read.</summary>
    public const int Processes = 4;

    /// <summary>All options with their help.</summary>
    public static IReadOnlyList<Option> All { get; } =
    [
        new("--seconds", "N", "How long each mode reads in each phase. Default 3."),
        new("--callers", "N", "Callers on one cold key, spread over 4 processes. Default 10000."),
        new("--keys", "N", "Keys that are read again and again, Zipf-distributed. Default 10000."),
        new("--readers", "N", "Readers in each of the 4 processes, each with one read under way. Default 8."),
        new("--origin", "MS", "How long the query of the cold key takes. Default 100."),
        new("--waves", "N", "How often the callers come, each time on another key; the slowest of all counts. Without a cache they come once. Default 3."),
        new("--seed", "N", "Makes the order of the keys repeatable. Default 1."),
        new("--only", "A,B", "Only these parts: " + string.Join(", ", PartName.All) + "."),
        new("--markdown", "FILE", "Also write the result as Markdown."),
    ];

    /// <summary>How long each mode reads in each phase.</summary>
    public TimeSpan PhaseLength { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Callers on one key, in all processes together.</summary>
    public int Callers { get; init; } = 10_000;

    /// <summary>Keys that are read again and again.</summary>
    public int Keys { get; init; } = 10_000;

    /// <summary>Readers in each process.</summary>
    public int Readers { get; init; } = 8;

    /// <summary>How long the query of the cold key takes.</summary>
    public TimeSpan Origin { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How often the callers come.</summary>
    public int Waves { get; init; } = 3;

    /// <summary>Seed of all chance.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The parts to run.</summary>
    public IReadOnlyList<string> Parts { get; init; } = PartName.All;

    /// <summary>Where the Markdown goes, or null.</summary>
    public string? Markdown { get; init; }

    /// <summary>Reads the options.</summary>
    /// <exception cref="UsageException">Names every argument that is wrong.</exception>
    public static CacheOptions Read(Arguments arguments)
    {
        var options = new CacheOptions
        {
            PhaseLength = TimeSpan.FromSeconds(arguments.Whole("--seconds", 3, 1, 600)),
            Callers = arguments.Whole("--callers", 10_000, Processes, 1_000_000),
            Keys = arguments.Whole("--keys", 10_000, 100, 1_000_000),
            Readers = arguments.Whole("--readers", 8, 1, 256),
            Origin = TimeSpan.FromMilliseconds(arguments.Whole("--origin", 100, 1, 2000)),
            Waves = arguments.Whole("--waves", 3, 1, 100),
            Seed = arguments.Whole("--seed", 1, 0, int.MaxValue),
            Parts = arguments.Some("--only", PartName.All, "part"),
            Markdown = arguments.Output("--markdown"),
        };
        arguments.ThrowIfWrong();
        return options;
    }
}
