using Floodgate.Schema;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Floodgate.Nodes;

/// <summary>Runs the migrations in the background at start and reports whether the schema is there.</summary>
public sealed partial class SchemaMigration(Migrator migrator, TimeProvider time, ILogger<SchemaMigration> logger)
    : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes once the schema is the newest. Background work that needs tables awaits it first.</summary>
    public Task Completed => _done.Task;

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_done.Task.IsCompleted ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The schema is not migrated yet."));

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await migrator.MigrateAsync(Migration.All, stoppingToken);
                _done.SetResult();
                return;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested && NodeFailure.Is(exception))
            {
                LogNotYet(logger, RetryDelay, exception);
                await Task.Delay(RetryDelay, time, stoppingToken);
            }
        }
    }

    [LoggerMessage(EventId = 6101, Level = LogLevel.Warning, Message = "The schema cannot be migrated yet; trying again in {Delay}")]
    private static partial void LogNotYet(ILogger logger, TimeSpan delay, Exception exception);
}
