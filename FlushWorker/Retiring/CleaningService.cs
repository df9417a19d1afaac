using Floodgate.FlushWorker.Telemetry;
using Floodgate.Nodes;
using Microsoft.Extensions.Options;

namespace Floodgate.FlushWorker.Retiring;

/// <summary>Runs the cleaning now and then.</summary>
internal sealed class CleaningService(
    Cleaning cleaning, SchemaMigration schema, IOptions<RetiringOptions> options, TimeProvider time, ILogger<CleaningService> logger) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.Completed.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var (producers, requests, minutes, hours) = await cleaning.RunAsync(stoppingToken);
                if (producers + requests + minutes + hours > 0)
                {
                    FlushLog.Cleaned(logger, producers, requests, minutes, hours);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                FlushLog.NotCleaned(logger, options.Value.CleaningInterval, exception);
            }

            await Task.Delay(options.Value.CleaningInterval, time, stoppingToken);
        }
    }
}
