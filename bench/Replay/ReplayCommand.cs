using Floodgate.Bench.CommandLine;
using Floodgate.Bench.Gateway;
using Floodgate.Bench.Measuring;
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
        if (!options.Start) return await RunAsync(options, cancellation);

        console.WriteLine("starting the whole system");
        var started = time.GetTimestamp();
        await using var system = await StartAsync(cancellation);
        console.WriteLine($"it runs at {system.Gateway} after {ReportTable.Text(time.GetElapsedTime(started))}");
        return await RunAsync(options with { Gateway = system.Gateway }, cancellation);
    }

    private async Task<StartedSystem> StartAsync(CancellationToken cancellation)
    {
        try
        {
            return await StartedSystem.StartAsync(time, cancellation);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested && exception is not OutOfMemoryException)
        {
            throw new RunFailedException($"The system could not be started: {exception.Message}");
        }
    }

    private async Task<int> RunAsync(ReplayOptions options, CancellationToken cancellation)
    {
        using var client = new GatewayClient(options.Gateway, options.Concurrency, options.Timeout, options.Seed, time);
        if (!await client.AnswersAsync(cancellation))
        {
            throw new RunFailedException(
                $"Nothing answers at {options.Gateway}. Start the system with 'dotnet run --project AppHost', let the bench do it with --start, or name another gateway with --gateway.");
        }

        var report = await new ReplayRun(options, client, console, time).RunAsync(cancellation);
        report.Show(console);
        if (options.Report is { } path) await File.WriteAllTextAsync(path, report.ToMarkdown(), cancellation);
        return report.IsGood ? ExitCode.Good : ExitCode.Failed;
    }
}
