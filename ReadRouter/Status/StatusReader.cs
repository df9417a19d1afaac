using System.Text.Json;
using Floodgate.ReadRouter.Alerts;
using Floodgate.ReadRouter.Choice;
using Floodgate.ReadRouter.Nodes;
using Floodgate.ReadRouter.Routing;

namespace Floodgate.ReadRouter.Status;

/// <summary>Puts the status together. Many callers at once, and callers within half a second, share one round of questions.</summary>
internal sealed class StatusReader(NodeTable table, AlertBoard alerts, LastDecisions decisions, InternalCalls calls, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(500);
    private static readonly string[] Services = [RouteTable.Timeline, RouteTable.Counter, RouteTable.Flush];

    private readonly Lock _lock = new();
    private Task<Dictionary<string, JsonElement?[]>>? _answers;
    private long _askedAt;

    public async Task<StatusDocument> ReadAsync(CancellationToken cancellationToken)
    {
        Task<Dictionary<string, JsonElement?[]>> answers;
        lock (_lock)
        {
            if (_answers is null || (_answers.IsCompleted && time.GetElapsedTime(_askedAt) > Fresh))
            {
                _askedAt = time.GetTimestamp();
                _answers = AskAsync();
            }

            answers = _answers;
        }

        return new StatusDocument(
            [.. table.All.Select(LineOf)],
            table.Timelines.Current,
            [.. alerts.Raised.OrderBy(raised => raised.Value.Since).Select(raised => new AlertLine(AlertBoard.NameOf(raised.Key), raised.Value.Since, raised.Value.Detail))],
            [.. decisions.Newest],
            await answers.WaitAsync(cancellationToken));
    }

    private async Task<Dictionary<string, JsonElement?[]>> AskAsync()
    {
        var asked = Services.Select(async service =>
            KeyValuePair.Create(service, await calls.GetAllAsync(service, "/internal/status", lifetime.ApplicationStopping)));
        return new Dictionary<string, JsonElement?[]>(await Task.WhenAll(asked), StringComparer.Ordinal);
    }

    private NodeLine LineOf(Node node)
    {
        var status = node.Status;
        return new NodeLine(
            node.Name,
            status.PolledAt == 0 ? "unknown" : status.InRecovery ? "replica" : node == table.Primary ? "primary" : "old-primary",
            status.Health switch
            {
                NodeHealth.Healthy => "healthy",
                NodeHealth.Lagging => "lagging",
                NodeHealth.Failed => "failed",
                NodeHealth.Diverged => "diverged",
                _ => "unknown",
            },
            status.Position.ToString(),
            status.Received.ToString(),
            status.Streams,
            status.ReplayPaused,
            status.LagBytes,
            Math.Round(status.Lag.TotalSeconds, 3),
            Math.Round(status.ReplayRate),
            node.InFlight,
            status.PolledAt == 0 ? null : Math.Round(time.GetElapsedTime(status.PolledAt).TotalMilliseconds, 1),
            Math.Round(status.PollTime.TotalMilliseconds, 1));
    }
}
