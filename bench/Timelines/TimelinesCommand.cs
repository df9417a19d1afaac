using Floodgate.Bench.CommandLine;
using Floodgate.Bench.Measuring;
using Npgsql;
using Spectre.Console;
using StackExchange.Redis;

namespace Floodgate.Bench.Timelines;

/// <summary><c>bench timelines</c>: fan-out and reads of home timelines beside their limits and the pull model.</summary>
internal sealed class TimelinesCommand(IAnsiConsole console, TimeProvider time) : BenchCommand
{
    /// <inheritdoc/>
    public override string Name => "timelines";

    /// <inheritdoc/>
    public override string Summary => "Start the whole system and measure fan-out and reads of home timelines beside their limits and an SQL join.";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options => TimelinesOptions.All;

    /// <inheritdoc/>
    public override async Task<int> RunAsync(Arguments arguments, CancellationToken cancellation)
    {
        var options = TimelinesOptions.Read(arguments);
        console.WriteLine("starting the whole system");
        var started = time.GetTimestamp();
        await using var system = await StartAsync(cancellation);
        await using var core = await CoreHost.StartAsync(system.Servers, time, cancellation);
        console.WriteLine($"it runs after {ReportTable.Text(time.GetElapsedTime(started))}; TimelineService at {system.Timeline}");

        await using var run = new TimelinesRun(options, system, core, console, time);
        var report = await RunAsync(run, cancellation);
        report.Show(console);
        if (options.Markdown is { } path) await File.WriteAllTextAsync(path, report.ToMarkdown(), cancellation);
        return report.IsGood ? ExitCode.Good : ExitCode.Failed;
    }

    private static async Task<TimelinesReport> RunAsync(TimelinesRun run, CancellationToken cancellation)
    {
        try
        {
            return await run.RunAsync(cancellation);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or NpgsqlException or HttpRequestException)
        {
            throw new RunFailedException($"A server failed during the run: {exception.Message}");
        }
    }

    private async Task<TimelinesSystem> StartAsync(CancellationToken cancellation)
    {
        try
        {
            return await TimelinesSystem.StartAsync(time, cancellation);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested && exception is not OutOfMemoryException)
        {
            throw new RunFailedException($"The system could not be started: {exception.Message}");
        }
    }
}
