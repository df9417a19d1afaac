using System.Collections.Concurrent;
using Floodgate.Sessions;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Floodgate.Nodes;

/// <summary>
/// Follows the primary without a restart: of the nodes that take writes, the one on the highest timeline is it. A node that takes writes on a
/// lower one is an old primary that has come back: it is never written to, and what it has past the switch point is never read. Safe for
/// concurrent use.
/// </summary>
/// <param name="initial">The name of the node that is taken for the primary until one has answered.</param>
/// <param name="logger">Where promotions are told.</param>
public sealed partial class ClusterTopology(string initial, ILogger<ClusterTopology> logger)
{
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, WalPosition> _replayed = new(StringComparer.Ordinal);
    private ClusterView _view = new(initial, TimelineHistory.Unknown, 0);
    private ulong _systemId;
    private string? _rival;
    private TaskCompletionSource _wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Who takes writes, as far as is known.</summary>
    public ClusterView View => Volatile.Read(ref _view);

    /// <summary>The cluster's identifier; 0 until a primary has answered.</summary>
    public ulong SystemId => Volatile.Read(ref _systemId);

    /// <summary>Ends when a promotion is known and the promoted node is not: it should be looked for at once.</summary>
    public Task Wanted => Volatile.Read(ref _wanted).Task;

    /// <summary>Takes note that a timeline has begun somewhere. If it is newer than the primary's, nothing is written until the promoted node is found.</summary>
    public void Heard(uint timeline)
    {
        if (timeline > View.HighestTimeline)
        {
            Raise(timeline);
        }

        if (View.IsFenced)
        {
            Interlocked.Exchange(ref _wanted, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }
    }

    /// <summary>Takes note of what a node said of itself, and reads the timeline history from one that was promoted.</summary>
    /// <param name="name">The node.</param>
    /// <param name="node">What it said.</param>
    /// <param name="source">Where to ask it for its history.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether there is another primary, or another timeline, than before.</returns>
    /// <exception cref="NpgsqlException">The node did not tell its history; it is asked again with its next observation.</exception>
    public async ValueTask<bool> ObserveAsync(string name, NodeObservation node, NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        if (!IsNews(name, node))
        {
            return false;
        }

        var file = await TimelineHistoryQuery.ReadAsync(source, node.Position.Timeline, cancellationToken);
        return Adopt(name, node, file);
    }

    // Whether this node is a primary that should be followed from now on.
    internal bool IsNews(string name, NodeObservation node)
    {
        if (SystemId is not 0 and var known && node.SystemId != known)
        {
            return false;
        }

        var view = Raise(node.Position.Timeline);
        if (node.InRecovery)
        {
            _replayed[name] = node.Position;
            return false;
        }

        if (node.Position.Timeline > view.History.Current)
        {
            return true;
        }

        if (node.Position.Timeline == view.History.Current && name != view.Primary && Interlocked.Exchange(ref _rival, name) != name)
        {
            LogRival(logger, name, view.Primary, node.Position.Timeline);
        }

        return false;
    }

    internal bool Adopt(string name, NodeObservation node, string? historyFile)
    {
        ClusterView before;
        TimelineHistory history;
        var timeline = node.Position.Timeline;
        lock (_lock)
        {
            before = _view;
            if (timeline <= before.History.Current)
            {
                return false;
            }

            var replayed = _replayed.TryGetValue(name, out var last) && last.Timeline == before.History.Current ? last.Lsn : Lsn.Zero;
            history = historyFile is null ? before.History.PromotedTo(timeline, replayed) : TimelineHistory.Parse(timeline, historyFile);
            Volatile.Write(ref _view, new ClusterView(name, history, Math.Max(before.HighestTimeline, timeline)));
            Volatile.Write(ref _systemId, node.SystemId);
            _rival = null;
        }

        if (before.History.Current == 0)
        {
            LogPrimary(logger, name, timeline);
        }
        else
        {
            LogPromoted(logger, name, timeline, before.Primary, before.History.Current, history.EndOf(before.History.Current) ?? Lsn.Zero);
        }

        return true;
    }

    private ClusterView Raise(uint timeline)
    {
        var view = View;
        if (timeline <= view.HighestTimeline)
        {
            return view;
        }

        lock (_lock)
        {
            if (timeline > _view.HighestTimeline)
            {
                Volatile.Write(ref _view, _view with { HighestTimeline = timeline });
            }

            return _view;
        }
    }

    [LoggerMessage(EventId = 6111, Level = LogLevel.Information, Message = "{Node} takes writes, on timeline {Timeline}")]
    private static partial void LogPrimary(ILogger logger, string node, uint timeline);

    [LoggerMessage(EventId = 6112, Level = LogLevel.Warning,
        Message = "{Node} was promoted and takes writes, on timeline {Timeline}; before it was {Before} on timeline {TimelineBefore}, left at {SwitchPoint}: what was written there later is lost")]
    private static partial void LogPromoted(ILogger logger, string node, uint timeline, string before, uint timelineBefore, Lsn switchPoint);

    [LoggerMessage(EventId = 6113, Level = LogLevel.Critical,
        Message = "{Node} takes writes on timeline {Timeline}, as {Primary} does: two nodes were promoted. Only {Primary} is used")]
    private static partial void LogRival(ILogger logger, string node, string primary, uint timeline);
}
