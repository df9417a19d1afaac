using Floodgate.Bench.CommandLine;

namespace Floodgate.Bench.Counters;

/// <summary>What <c>bench counters</c> is asked to do.</summary>
internal sealed record CountersOptions
{
    /// <summary>All options with their help.</summary>
    public static IReadOnlyList<Option> All { get; } =
    [
        new("--seconds", "N", "How long each phase lasts in each round. Default 2."),
        new("--rounds", "N", "How often all phases are gone through; medians are shown. Default 3."),
        new("--warm-up", "SECONDS", "How long each phase is run, twice, before anything is measured. Default 2."),
        new("--connections", "N", "Connections of the client, each with one request under way. Default 256."),
        new("--few", "N", "Connections to PostgreSQL of the direct UPDATE over few connections. Default 4; the other has 100, as the client library has."),
        new("--quiet", "SECONDS", "On a shared machine: wait up to so long before each phase until others use little of it, and repeat a phase they disturbed. Default 0: not."),
        new("--only", "A,B", "Only these phases: " + string.Join(", ", PhaseName.All) + "."),
        new("--seed", "N", "Makes the order of the keys repeatable. Default 1."),
        new("--drain-timeout", "SECONDS", "How long the queues may take to run empty after a phase. Default 60."),
        new("--markdown", "FILE", "Also write the result as Markdown."),
    ];

    /// <summary>How long a phase lasts.</summary>
    public TimeSpan PhaseLength { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often all are gone through.</summary>
    public int Rounds { get; init; } = 3;

    /// <summary>How long each is run before the first round.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Connections of the client.</summary>
    public int Connections { get; init; } = 256;

    /// <summary>Connections to PostgreSQL of the direct UPDATE over few connections.</summary>
    public int FewConnections { get; init; } = 4;

    /// <summary>How long to wait for a quiet machine before each phase.</summary>
    public TimeSpan Quiet { get; init; }

    /// <summary>The phases to run, by name.</summary>
    public IReadOnlyList<string> Only { get; init; } = PhaseName.All;

    /// <summary>Seed of all chance.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How long draining may take.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Where the Markdown goes, or null.</summary>
    public string? Markdown { get; init; }

    /// <summary>Reads the options.</summary>
    /// <exception cref="UsageException">Names every argument that is wrong.</exception>
    public static CountersOptions Read(Arguments arguments)
    {
        var options = new CountersOptions
        {
            PhaseLength = TimeSpan.FromSeconds(arguments.Whole("--seconds", 2, 1, 600)),
            Rounds = arguments.Whole("--rounds", 3, 1, 100),
            WarmUp = TimeSpan.FromSeconds(arguments.Whole("--warm-up", 2, 0, 600)),
            Connections = arguments.Whole("--connections", 256, 1, 4096),
            FewConnections = arguments.Whole("--few", 4, 1, 100),
            Quiet = TimeSpan.FromSeconds(arguments.Whole("--quiet", 0, 0, 3600)),
            Only = arguments.Some("--only", PhaseName.All, "phase"),
            Seed = arguments.Whole("--seed", 1, 0, int.MaxValue),
            DrainTimeout = TimeSpan.FromSeconds(arguments.Whole("--drain-timeout", 60, 1, 86_400)),
            Markdown = arguments.Output("--markdown"),
        };
        arguments.ThrowIfWrong();
        return options;
    }
}
