using Floodgate.Bench.CommandLine;
using Floodgate.Bench.Gateway;
using Spectre.Console;

namespace Floodgate.Bench.Replay;

/// <summary><c>bench replay</c>: loads a graph, replays activity on it, and checks that nothing was lost.</summary>
internal sealed class ReplayCommand(IAnsiConsole console, TimeProvider time) : BenchCommand
{
    /// <inheritdoc/>
    public override string Name => "replay";

    /// <inheritdoc/>
    public override string Summary => "Replay real activity against a running gateway and check that nothing is lost.";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options => ReplayOptions.All;

    /// <inheritdoc/>
    public override async Task<int> RunAsync(Arguments arguments, CancellationToken cancellation)
    {
        var options = ReplayOptions.Read(arguments);
        using var client = new GatewayClient(options.Gateway, options.Concurrency, options.Timeout, options.Seed, time);
        if (!await client.AnswersAsync(cancellation))
        {
            throw new RunFailedException(
                $"Nothing answers at {options.Gateway}. Start the system with 'dotnet run --project AppHost', or name another gateway with --gateway.");
        }

        var report = await new ReplayRun(options, client, console, time).RunAsync(cancellation);
        report.Show(console);
        if (options.Report is { } path) await File.WriteAllTextAsync(path, report.ToMarkdown(), cancellation);
        return report.IsGood ? ExitCode.Good : ExitCode.Failed;
    }
}
