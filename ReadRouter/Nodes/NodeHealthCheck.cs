using Floodgate.ReadRouter.Alerts;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Floodgate.ReadRouter.Nodes;

/// <summary>Ready once any node serves; degraded, which still is ready, while a node is out or an alert holds.</summary>
internal sealed class NodeHealthCheck(NodeTable table, AlertBoard alerts) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (table.All.All(node => node.Status.Health is NodeHealth.Unknown or NodeHealth.Failed or NodeHealth.Diverged))
            return Task.FromResult(HealthCheckResult.Unhealthy("No node answers."));

        string[] troubles =
        [
            .. alerts.Raised.Select(raised => $"{AlertBoard.NameOf(raised.Key)}: {raised.Value.Detail}"),
            .. table.All.Where(node => node.Status.Health != NodeHealth.Healthy).Select(node => $"{node.Name}: {node.Status.Health}"),
        ];
        return Task.FromResult(troubles.Length == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(string.Join("; ", troubles)));
    }
}
