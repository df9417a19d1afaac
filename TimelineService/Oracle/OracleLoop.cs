using Floodgate.Nodes;
using Microsoft.Extensions.Options;

namespace Floodgate.TimelineService.Oracle;

/// <summary>Has timelines sampled, and those under suspicion looked at again: one look at a time.</summary>
internal sealed class OracleLoop(
    SampledOracle oracle, RecentReaders readers, SchemaMigration schema, IOptions<OracleOptions> options, IServiceProvider services, TimeProvider time,
    ILogger<OracleLoop> logger) : BackgroundService
{
    private const double Jitter = 0.2;

    // Where nothing else seeds chance, each instance must have its own.
    private readonly Random _random = services.GetService<Random>() ?? new Random();
    private bool _failed;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Enabled)
        {
            return;
        }

        await schema.Completed.WaitAsync(stoppingToken);
        var next = NextSample();
        while (true)
        {
            var due = oracle.NextDue is { } again && again < next ? again : next;
            if (due - time.GetUtcNow() is var pause && pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, time, stoppingToken);
            }

            if (time.GetUtcNow() >= next)
            {
                next = NextSample();
                if (oracle.HasRoom && readers.Pick(_random) is { } user)
                {
                    await TryAsync(token => oracle.SampleAsync(user, token), stoppingToken);
                }
            }

            await TryAsync(oracle.LookAgainAsync, stoppingToken);
        }
    }

    private DateTimeOffset NextSample() => time.GetUtcNow() + (options.Value.Interval * (1 - Jitter + (2 * Jitter * _random.NextDouble())));

    private async Task TryAsync(Func<CancellationToken, Task<bool>> look, CancellationToken stoppingToken)
    {
        try
        {
            _failed &= !await look(stoppingToken);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            // The primary is away, most of the time, and others say so. What is under suspicion stays so.
            if (!_failed)
            {
                Log.OracleCannotLook(logger, exception.Message);
            }

            _failed = true;
        }
    }
}
