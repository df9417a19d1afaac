using Floodgate.Bench.CommandLine;

namespace Floodgate.Bench.Replay;

/// <summary>What <c>bench replay</c> is asked to do.</summary>
internal sealed record ReplayOptions
{
    /// <summary>All options with their help.</summary>
    public static IReadOnlyList<Option> All { get; } =
    [
        new("--graph", "FILE", "Edge list, gzip or plain: 'A B ...' is 'A follows B'. Default: a synthetic graph."),
        new("--activity", "FILE", "Lines 'A B unix-time RT|MT|RE', gzip or plain. Default: synthetic activity around one viral event."),
        new("--users", "N", "Only the first N users and what is among them; the size of a synthetic graph. Default: all; 2000."),
        new("--events", "N", "Lines of synthetic activity. Default 5000."),
        new("--seed", "N", "Makes everything left to chance repeatable. Default 1."),
        new("--speed", "X|max", "Times real time. Default 1000; max: as fast as it goes."),
        new("--concurrency", "N", "The most calls at once. Default 64."),
        new("--check-every", "N", "One write in N is read back by its writer. Default 10; 0: none."),
        new("--samples", "N", "Home timelines compared at the end. Default 500."),
        new("--gateway", "URL", "A running gateway. Default http://localhost:8080."),
        new("--start", null, "Start the whole system first, without data and on free ports, and stop it at the end."),
        new("--timeout", "SECONDS", "How long one request may take. Default 10."),
        new("--drain-timeout", "SECONDS", "How long the queues may take to run empty at the end. Default 120."),
        new("--report", "FILE", "Also write the result as Markdown."),
    ];

    /// <summary>The edge list, or null for a synthetic graph.</summary>
    public string? Graph { get; init; }

    /// <summary>The activity file, or null for synthetic activity.</summary>
    public string? Activity { get; init; }

    /// <summary>Only so many users; null for all.</summary>
    public int? Users { get; init; }

    /// <summary>Lines of synthetic activity.</summary>
    public int Events { get; init; } = SyntheticActivity.DefaultEvents;

    /// <summary>Seed of all chance.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Times real time; infinity for as fast as it goes.</summary>
    public double Speed { get; init; } = 1000;

    /// <summary>The most calls at once.</summary>
    public int Concurrency { get; init; } = 64;

    /// <summary>One write in so many is read back; 0 for none.</summary>
    public int CheckEvery { get; init; } = 10;

    /// <summary>Home timelines compared at the end.</summary>
    public int Samples { get; init; } = 500;

    /// <summary>The gateway.</summary>
    public Uri Gateway { get; init; } = new("http://localhost:8080");

    /// <summary>Whether the bench starts the system itself.</summary>
    public bool Start { get; init; }

    /// <summary>How long one request may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long draining may take.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Where the Markdown report goes, or null.</summary>
    public string? Report { get; init; }

    /// <summary>Reads the options.</summary>
    /// <exception cref="UsageException">Names every argument that is wrong.</exception>
    public static ReplayOptions Read(Arguments arguments)
    {
        var options = new ReplayOptions
        {
            Graph = DataFile.Find(arguments, "--graph"),
            Activity = DataFile.Find(arguments, "--activity"),
            Users = arguments.Has("--users") ? arguments.Whole("--users", 0, 2, int.MaxValue) : null,
            Events = arguments.Whole("--events", SyntheticActivity.DefaultEvents, 1, 10_000_000),
            Seed = arguments.Whole("--seed", 1, 0, int.MaxValue),
            Speed = arguments.Positive("--speed", 1000, "max"),
            Concurrency = arguments.Whole("--concurrency", 64, 1, 4096),
            CheckEvery = arguments.Whole("--check-every", 10, 0, int.MaxValue),
            Samples = arguments.Whole("--samples", 500, 0, 1_000_000),
            Gateway = ReadGateway(arguments),
            Start = arguments.Has("--start"),
            Timeout = TimeSpan.FromSeconds(arguments.Whole("--timeout", 10, 1, 600)),
            DrainTimeout = TimeSpan.FromSeconds(arguments.Whole("--drain-timeout", 120, 1, 86_400)),
            Report = arguments.Text("--report"),
        };
        if (options.Activity is not null && arguments.Has("--events")) arguments.AddError("--events", "is for synthetic activity, without --activity.");
        if (options.Start && arguments.Has("--gateway")) arguments.AddError("--start", "starts a gateway of its own, so there is none to name with --gateway.");
        if (options.Report is not null && Path.GetDirectoryName(Path.GetFullPath(options.Report)) is { } folder && !Directory.Exists(folder))
            arguments.AddError("--report", $"there is no folder '{folder}'.");
        arguments.ThrowIfWrong();
        return options;
    }

    private static Uri ReadGateway(Arguments arguments)
    {
        var fallback = new Uri("http://localhost:8080");
        if (arguments.Text("--gateway") is not { } text) return fallback;
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)) return uri;
        arguments.AddError("--gateway", $"'{text}' is not an http or https address.");
        return fallback;
    }
}
