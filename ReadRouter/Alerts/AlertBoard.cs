using System.Collections.Immutable;
using System.Text.Json;
using Floodgate.ReadRouter.Nodes;
using Microsoft.Extensions.Options;

namespace Floodgate.ReadRouter.Alerts;

/// <summary>An alert that holds.</summary>
/// <param name="Since">When it was raised.</param>
/// <param name="Detail">What is the matter.</param>
internal sealed record RaisedAlert(DateTimeOffset Since, string Detail);

/// <summary>
/// Which alerts hold. Those of a state hold as long as the state does; those of an event, for some time after the last one. Safe for
/// concurrent use.
/// </summary>
internal sealed class AlertBoard(NodeTable table, IOptions<RouterOptions> options, TimeProvider time, ILogger<AlertBoard> logger)
{
    private static readonly TimeSpan EventHolds = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FailoverHolds = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<Alert, (string Detail, long At)> _events = [];
    private readonly Dictionary<Alert, string> _states = [];
    private ImmutableDictionary<Alert, RaisedAlert> _raised = ImmutableDictionary<Alert, RaisedAlert>.Empty;
    private uint _timeline;

    /// <summary>The alerts that hold now.</summary>
    public ImmutableDictionary<Alert, RaisedAlert> Raised => Volatile.Read(ref _raised);

    /// <summary>The name of an alert in metrics, logs and <c>/status</c>: <c>all-replicas-out</c>.</summary>
    public static string NameOf(Alert alert) => JsonNamingPolicy.KebabCaseLower.ConvertName(alert.ToString());

    /// <summary>Notes that something happened. It shows with the next <see cref="Evaluate"/>.</summary>
    public void Happened(Alert alert, string detail)
    {
        lock (_lock)
            _events[alert] = (detail, time.GetTimestamp());
    }

    /// <summary>Sets a state that somebody else looks after. It shows with the next <see cref="Evaluate"/>.</summary>
    /// <param name="alert">The alert.</param>
    /// <param name="detail">What is the matter; null where nothing is.</param>
    public void Set(Alert alert, string? detail)
    {
        lock (_lock)
        {
            if (detail is null)
                _states.Remove(alert);
            else
                _states[alert] = detail;
        }
    }

    /// <summary>Looks at the nodes and at what happened, and tells what changed.</summary>
    public void Evaluate()
    {
        var holds = new Dictionary<Alert, string>();
        lock (_lock)
        {
            NoteTimeline();
            foreach (var (alert, (detail, at)) in _events)
            {
                if (time.GetElapsedTime(at) < (alert == Alert.TimelineChanged ? FailoverHolds : EventHolds))
                    holds[alert] = detail;
            }

            foreach (var (alert, detail) in _states)
                holds[alert] = detail;
            AddStates(holds);
            var before = _raised;
            var after = holds.ToImmutableDictionary(
                now => now.Key, now => new RaisedAlert(before.GetValueOrDefault(now.Key)?.Since ?? time.GetUtcNow(), now.Value));
            Volatile.Write(ref _raised, after);
            foreach (var (alert, raised) in after.Where(now => !before.ContainsKey(now.Key)))
                logger.AlertRaised(alert, raised.Detail);
            foreach (var (alert, raised) in before.Where(then => !after.ContainsKey(then.Key)))
                Tell(alert, raised.Since);
        }
    }

    private void Tell(Alert over, DateTimeOffset since)
    {
        var held = time.GetUtcNow() - since;
        logger.AlertCleared(over, held);
    }

    private void AddStates(Dictionary<Alert, string> holds)
    {
        // Cleared at half of it: a replica at the limit does not make it come and go.
        var limit = _raised.ContainsKey(Alert.Lag) ? options.Value.LagAlert / 2 : options.Value.LagAlert;
        var lagging = table.Replicas.Where(replica => replica.Status.Lag > limit && replica.Status.Health != NodeHealth.Failed).ToList();
        if (lagging.Count > 0)
            holds[Alert.Lag] = string.Join("; ", lagging.Select(node => FormattableString.Invariant($"{node.Name} lags by {node.Status.Lag.TotalSeconds:F1} s, {node.Status.LagBytes} bytes")));
        if (table.Replicas.Length > 0 && table.Replicas.All(replica => replica.Status.IsOut))
            holds[Alert.AllReplicasOut] = string.Join("; ", table.Replicas.Select(node => $"{node.Name}: {node.Status.Health}"));
        if (!table.PrimaryServes)
            holds[Alert.PrimaryAway] = table.View.IsFenced ? $"{table.Primary.Name} was left by a promotion that cannot be seen" : $"{table.Primary.Name}: {table.Primary.Status.Health}";
    }

    private void NoteTimeline()
    {
        var view = table.View;
        if (view.Left != 0 && view.History.Current != _timeline)
            _events[Alert.TimelineChanged] = ($"{view.Primary} takes writes on timeline {view.History.Current}; before it was {view.Left}", time.GetTimestamp());
        _timeline = view.History.Current;
    }
}
