using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Floodgate.ReadRouter.Nodes;

/// <summary>Ready once any node serves; degraded, which still is ready, while one is away or lags past the alert.</summary>
internal sealed class NodeHealthCheck(NodeTable table, IOptions<RouterOptions> options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (table.All.All(node => node.Status.Health is NodeHealth.Unknown or NodeHealth.Failed))
            return Task.FromResult(HealthCheckResult.Unhealthy("No node answers."));

        var troubled = table.All
            .Where(node => node.Status.Health != NodeHealth.Healthy || node.Status.Lag > options.Value.LagAlert)
            .Select(node => $"{node.Name}: {node.Status.Health}, {node.Status.Lag.TotalSeconds:F1} s behind")
            .ToArray();
        return Task.FromResult(troubled.Length == 0
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded(string.Join("; ", troubled)));
    }
}
