using Floodgate.FlushWorker.Hosting;
using Floodgate.FlushWorker.Lag;
using Floodgate.FlushWorker.Sharing;
using Floodgate.FlushWorker.Telemetry;
using Floodgate.Messaging;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Floodgate.FlushWorker.Consuming;

/// <summary>Keeps a consumer on every partition whose turn is this worker's, whatever becomes of the broker.</summary>
internal sealed class FlushConsumers(
    BrokerConnection broker, WorkerRoster roster, QueueWatch queues, BatchFlusher flusher, IOptions<FlushOptions> options, TimeProvider time,
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
        await roster.Known.WaitAsync(stoppingToken);
        await Task.WhenAll(Partitions.Select(partition => KeepAsync(partition, stoppingToken)));
    }

    private async Task KeepAsync(PartitionDrain drain, CancellationToken stoppingToken)
    {
        var turn = new PartitionTurn(drain.Partition, roster, queues, time);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await turn.WaitAsync(stoppingToken);
                if (await ConsumeAsync(drain, turn, stoppingToken))
                {
                    FlushLog.LettingGo(_logger, drain.Partition);
                    continue;
                }

                FlushLog.ConsumerEnded(_logger, drain.Partition, RetryDelay, exception: null);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                FlushLog.ConsumerEnded(_logger, drain.Partition, RetryDelay, exception);
            }

            await Task.Delay(RetryDelay, time, stoppingToken);
        }
    }

    // Whether it ended because another is to go on.
    private async Task<bool> ConsumeAsync(PartitionDrain drain, PartitionTurn turn, CancellationToken stoppingToken)
    {
        var connection = await broker.GetAsync(stoppingToken);
        await using var source = await RabbitEnvelopeSource.OpenAsync(connection, drain.Partition, options.Value.Prefetch, stoppingToken);
        FlushLog.Consuming(_logger, drain.Partition);
        using var letGo = new CancellationTokenSource();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var ending = LetGoAsync(turn, letGo, over.Token);
        try
        {
            await drain.RunAsync(source, letGo.Token, stoppingToken);
        }
        finally
        {
            await over.CancelAsync();
            await ending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return letGo.IsCancellationRequested;
    }

    private static async Task LetGoAsync(PartitionTurn turn, CancellationTokenSource letGo, CancellationToken cancellationToken)
    {
        await turn.EndAsync(cancellationToken);
        await letGo.CancelAsync();
    }
}
