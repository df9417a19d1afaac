using Floodgate.FlushWorker.Hosting;
using Floodgate.FlushWorker.Telemetry;
using Floodgate.Messaging;
using Floodgate.Nodes;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Floodgate.FlushWorker.Consuming;

/// <summary>Keeps a consumer on every partition, whatever becomes of the broker.</summary>
internal sealed class FlushConsumers(
    BrokerConnection broker, SchemaMigration schema, BatchFlusher flusher, IOptions<FlushOptions> options, TimeProvider time,
    ILoggerFactory loggers) : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);

    private readonly ILogger _logger = loggers.CreateLogger<FlushConsumers>();

    /// <summary>The drain loops, by partition.</summary>
    public IReadOnlyList<PartitionDrain> Partitions { get; } = [.. Enumerable.Range(0, options.Value.Partitions)
        .Select(partition => new PartitionDrain(partition, flusher, options, time, loggers.CreateLogger<PartitionDrain>()))];

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(broker.IsOpen ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded("The broker is away: nothing is drained."));

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.Completed.WaitAsync(stoppingToken);
        await Task.WhenAll(Partitions.Select(partition => KeepAsync(partition, stoppingToken)));
    }

    private async Task KeepAsync(PartitionDrain drain, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ConsumeAsync(drain, stoppingToken);
                FlushLog.ConsumerEnded(_logger, drain.Partition, RetryDelay, exception: null);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                FlushLog.ConsumerEnded(_logger, drain.Partition, RetryDelay, exception);
            }

            await Task.Delay(RetryDelay, time, stoppingToken);
        }
    }

    private async Task ConsumeAsync(PartitionDrain drain, CancellationToken stoppingToken)
    {
        var connection = await broker.GetAsync(stoppingToken);
        await using var source = await RabbitEnvelopeSource.OpenAsync(connection, drain.Partition, options.Value.Prefetch, stoppingToken);
        FlushLog.Consuming(_logger, drain.Partition);
        await drain.RunAsync(source, letGo: CancellationToken.None, stoppingToken);
    }
}
