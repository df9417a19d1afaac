using Floodgate.CounterService.Telemetry;
using Floodgate.Messaging;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Floodgate.CounterService.Hosting;

/// <summary>Declares the queues at start; until then the service is not ready.</summary>
internal sealed class QueueDeclaration(BrokerConnection broker, IOptions<CounterOptions> options, TimeProvider time, ILogger<QueueDeclaration> logger)
    : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private volatile bool _declared;

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            !_declared ? HealthCheckResult.Unhealthy("The queues are not declared yet.")
            : broker.IsOpen ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded("The broker is away: writes are refused."));

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!_declared)
        {
            try
            {
                await DeclareAsync(stoppingToken);
                _declared = true;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                CounterLog.NotDeclared(logger, RetryDelay, exception);
                await Task.Delay(RetryDelay, time, stoppingToken);
            }
        }
    }

    private async Task DeclareAsync(CancellationToken stoppingToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        limit.CancelAfter(Patience);
        var connection = await broker.GetAsync(limit.Token);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: limit.Token);
        for (var partition = 0; partition < options.Value.Partitions; partition++)
        {
            await QueueTopology.DeclareAsync(channel, QueueTopology.CounterFlush(partition), singleActiveConsumer: true, limit.Token);
        }
    }
}
