using Floodgate.Bench.CommandLine;
using Floodgate.Bench.Measuring;
using Spectre.Console;

namespace Floodgate.Bench.Counters;

/// <summary><c>bench counters</c>: Floodgate's counters beside a bare endpoint, an UPDATE and an INCR.</summary>
internal sealed class CountersCommand(IAnsiConsole console, TimeProvider time) : BenchCommand
{
    /// <inheritdoc/>
    public override string Name => "counters";

    /// <inheritdoc/>
    public override string Summary => "Start the whole system and measure its counters beside a bare endpoint, an UPDATE and an INCR.";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options => CountersOptions.All;

    /// <inheritdoc/>
    public override async Task<int> RunAsync(Arguments arguments, CancellationToken cancellation)
    {
        var options = CountersOptions.Read(arguments);
        console.WriteLine("starting the whole system");
        var started = time.GetTimestamp();
        await using var system = await StartAsync(options, cancellation);
        console.WriteLine($"it runs after {ReportTable.Text(time.GetElapsedTime(started))}; CounterService at {system.Service}");

        var report = await new CountersRun(options, system, new ProcessorTimes(system.Processes()), console, time).RunAsync(cancellation);
        report.Show(console);
        if (options.Markdown is { } path) await File.WriteAllTextAsync(path, report.ToMarkdown(), cancellation);
        return report.IsGood ? ExitCode.Good : ExitCode.Failed;
    }

    private async Task<CountersSystem> StartAsync(CountersOptions options, CancellationToken cancellation)
    {
        try
        {
            return await CountersSystem.StartAsync(options, time, cancellation);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested && exception is not OutOfMemoryException)
        {
            throw new RunFailedException($"The system could not be started: {exception.Message}");
        }
    }
}
