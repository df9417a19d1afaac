using Floodgate.Bench.CommandLine;
using Floodgate.Bench.Measuring;
using Spectre.Console;

namespace Floodgate.Bench.Consistency;

/// <summary><c>bench consistency</c>: what sessions see under each policy, what the router costs, what goes on without a primary.</summary>
internal sealed class ConsistencyCommand(IAnsiConsole console, TimeProvider time) : BenchCommand
{
    /// <inheritdoc/>
    public override string Name => "consistency";

    /// <inheritdoc/>
    public override string Summary => "Start the whole system, disturb its nodes, and check what sessions see under each policy.";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options => ConsistencyOptions.All;

    /// <inheritdoc/>
    public override async Task<int> RunAsync(Arguments arguments, CancellationToken cancellation)
    {
        var options = ConsistencyOptions.Read(arguments);
        console.WriteLine("starting the whole system");
        var started = time.GetTimestamp();
        await using var system = await StartAsync(options, cancellation);
        console.WriteLine($"it runs after {ReportTable.Text(time.GetElapsedTime(started))}");

        var report = await new ConsistencyRun(options, system, console, time).RunAsync(cancellation);
        report.Show(console);
        if (options.Markdown is { } path) await File.WriteAllTextAsync(path, report.ToMarkdown(), cancellation);
        return report.IsGood ? ExitCode.Good : ExitCode.Failed;
    }

    private async Task<ConsistencySystem> StartAsync(ConsistencyOptions options, CancellationToken cancellation)
    {
        try
        {
            return await ConsistencySystem.StartAsync(options, time, cancellation);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested && exception is not OutOfMemoryException)
        {
            throw new RunFailedException($"The system could not be started: {exception.Message}");
        }
    }
}
