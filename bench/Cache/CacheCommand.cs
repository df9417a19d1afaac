using Floodgate.Bench.CommandLine;
using Floodgate.Bench.Measuring;
using Spectre.Console;
using StackExchange.Redis;

namespace Floodgate.Bench.Cache;

/// <summary><c>bench cache</c>: the lease cache beside no cache and a cache in each process.</summary>
internal sealed class CacheCommand(IAnsiConsole console, TimeProvider time) : BenchCommand
{
    /// <inheritdoc/>
    public override string Name => "cache";

    /// <inheritdoc/>
    public override string Summary => "Measure the lease cache in 4 processes beside no cache and a cache in each process.";

    /// <inheritdoc/>
    public override IReadOnlyList<Option> Options => CacheOptions.All;

    /// <inheritdoc/>
    public override async Task<int> RunAsync(Arguments arguments, CancellationToken cancellation)
    {
        var options = CacheOptions.Read(arguments);
        console.WriteLine("starting the servers and 4 reading processes");
        var started = time.GetTimestamp();
        await using var system = await StartAsync(cancellation);
        console.WriteLine($"they run after {ReportTable.Text(time.GetElapsedTime(started))}");

        var report = await RunAsync(options, system, cancellation);
        report.Show(console);
        if (options.Markdown is { } path) await File.WriteAllTextAsync(path, report.ToMarkdown(), cancellation);
        return report.IsGood ? ExitCode.Good : ExitCode.Failed;
    }

    private async Task<CacheReport> RunAsync(CacheOptions options, CacheSystem system, CancellationToken cancellation)
    {
        try
        {
            return await new CacheRun(options, system, console, time).RunAsync(cancellation);
        }
        catch (RedisException exception)
        {
            throw new RunFailedException($"Redis failed during the run: {exception.Message}");
        }
    }

    private async Task<CacheSystem> StartAsync(CancellationToken cancellation)
    {
        try
        {
            return await CacheSystem.StartAsync(time, cancellation);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested && exception is not OutOfMemoryException)
        {
            throw new RunFailedException($"The system could not be started: {exception.Message}");
        }
    }
}
