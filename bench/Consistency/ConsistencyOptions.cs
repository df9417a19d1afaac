using Floodgate.Bench.CommandLine;

namespace Floodgate.Bench.Consistency;

/// <summary>What <c>bench consistency</c> is asked to do.</summary>
internal sealed record ConsistencyOptions
{
    // One session alone reads what it writes, and has nobody to take a token from.
    private const int LeastSessions = 2;

    /// <summary>All options with their help.</summary>
    public static IReadOnlyList<Option> All { get; } =
    [
        new("--seconds", "N", "How long the nodes are disturbed. Default 60."),
        new("--sessions", "N", "Sessions, spread over the policies. Default 30."),
        new("--seed", "N", "Makes the schedule and the wishes of the sessions repeatable. Default 1."),
        new("--healthy", "SECONDS", "How long the sessions run with healthy replicas. Default 20."),
        new("--outage", "SECONDS", "How long the primary is away. Default 120."),
        new("--policies", "A,B", "Only these policies: " + string.Join(", ", PolicyName.All) + "."),
        new("--only", "A,B", "Only these parts: " + string.Join(", ", PartName.All) + "."),
        new("--markdown", "FILE", "Also write the result as Markdown."),
    ];

    /// <summary>How long nodes are disturbed.</summary>
    public TimeSpan Disturbed { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How many sessions.</summary>
    public int Sessions { get; init; } = 30;

    /// <summary>Seed of all chance.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How long the sessions run with healthy replicas.</summary>
    public TimeSpan Healthy { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long the primary is away.</summary>
    public TimeSpan Outage { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>The policies to compare.</summary>
    public IReadOnlyList<string> Policies { get; init; } = PolicyName.All;

    /// <summary>The parts to run.</summary>
    public IReadOnlyList<string> Parts { get; init; } = PartName.All;

    /// <summary>Where the Markdown goes, or null.</summary>
    public string? Markdown { get; init; }

    /// <summary>Reads the options.</summary>
    /// <exception cref="UsageException">Names every argument that is wrong.</exception>
    public static ConsistencyOptions Read(Arguments arguments)
    {
        var options = new ConsistencyOptions
        {
            Disturbed = TimeSpan.FromSeconds(arguments.Whole("--seconds", 60, 5, 3600)),
            Sessions = arguments.Whole("--sessions", 30, 2, 1000),
            Seed = arguments.Whole("--seed", 1, 0, int.MaxValue),
            Healthy = TimeSpan.FromSeconds(arguments.Whole("--healthy", 20, 1, 3600)),
            Outage = TimeSpan.FromSeconds(arguments.Whole("--outage", 120, 1, 3600)),
            Policies = arguments.Some("--policies", PolicyName.All, "policy"),
            Parts = arguments.Some("--only", PartName.All, "part"),
            Markdown = arguments.Output("--markdown"),
        };
        if (options.Sessions < LeastSessions * options.Policies.Count)
            arguments.AddError("--sessions", FormattableString.Invariant($"{options.Policies.Count} policies need at least {LeastSessions} each."));
        arguments.ThrowIfWrong();
        return options;
    }
}
