using Floodgate.CounterService.Telemetry;
using Floodgate.Messaging;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Floodgate.CounterService.Hosting;

/// <summary>Declares the queues at start, until when the service is not ready, and whenever one turns out to be missing.</summary>
internal sealed class QueueDeclaration(BrokerConnection broker, IOptions<CounterOptions> options, TimeProvider time, ILogger<QueueDeclaration> logger)
    : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _again = new(0, 1);
    private volatile bool _declared;

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            !_declared ? HealthCheckResult.Unhealthy("The queues are not declared yet.")
            : broker.Blocked is { } why ? HealthCheckResult.Degraded($"The broker takes no messages ({why}): writes are refused.")
            : broker.IsOpen ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded("The broker is away: writes are refused."));

    /// <summary>A queue is missing: all are declared again, soon.</summary>
    public void DeclareAgain()
    {
        lock (_again)
        {
            if (_again.CurrentCount == 0)
            {
                _again.Release();
            }
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _again.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await DeclareAsync(stoppingToken);
                _declared = true;
                await _again.WaitAsync(stoppingToken);
                CounterLog.QueueMissing(logger);
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
            await QueueTopology.DeclareCounterFlushAsync(channel, partition, limit.Token);
        }
    }
}
