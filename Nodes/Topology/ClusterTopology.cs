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
/// <param name="time">The clock.</param>
/// <param name="logger">Where promotions are told.</param>
public sealed partial class ClusterTopology(string initial, TimeProvider time, ILogger<ClusterTopology> logger)
{
    // What others say of a promotion is believed for so long without being said again.
    private static readonly TimeSpan HearsayHolds = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, NodeObservation> _seen = new(StringComparer.Ordinal);
    private (uint Timeline, long At) _heard;
    private ClusterView _view = new(initial, TimelineHistory.Unknown, 0);
    private ulong _systemId;
    private (string Name, WalPosition Position) _replayed = ("", WalPosition.None);
    private string? _rival;
    private TaskCompletionSource _wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Who takes writes, as far as is known.</summary>
    public ClusterView View => Volatile.Read(ref _view);

    /// <summary>The cluster's identifier; 0 until a primary has answered.</summary>
    public ulong SystemId => Volatile.Read(ref _systemId);

    /// <summary>Ends when a promotion is known and the promoted node is not: it should be looked for at once.</summary>
    public Task Wanted => Volatile.Read(ref _wanted).Task;

    /// <summary>
    /// Takes note that a timeline has begun somewhere. If it is newer than the primary's, nothing is written for some time, unless the promoted
    /// node is found.
    /// </summary>
    public void Heard(uint timeline)
    {
        if (timeline > View.History.Current)
        {
            lock (_lock)
            {
                _heard = (Math.Max(timeline, _heard.Timeline), time.GetTimestamp());
                Refresh();
            }
        }

        if (View.IsFenced)
        {
            Interlocked.Exchange(ref _wanted, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }
    }

    /// <summary>
    /// Where a node is. A replica that does not stream may tell an older timeline than it was seen on: it is still on that one, if neither its
    /// server was started anew nor its LSN has gone back.
    /// </summary>
    /// <param name="name">The node.</param>
    /// <param name="inRecovery">Whether it says that it replays.</param>
    /// <param name="position">Where it says it is.</param>
    /// <param name="startedAt">When it says its server started.</param>
    public WalPosition Place(string name, bool inRecovery, WalPosition position, DateTimeOffset startedAt) =>
        inRecovery && _seen.TryGetValue(name, out var last) && last.InRecovery && last.StartedAt == startedAt
            && position.Timeline < last.Position.Timeline && position.Lsn >= last.Position.Lsn
            ? position with { Timeline = last.Position.Timeline }
            : position;

    /// <summary>What a node said of itself, where it really is.</summary>
    public NodeObservation Place(string name, NodeObservation said) =>
        said with { Position = Place(name, said.InRecovery, said.Position, said.StartedAt) };

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

        _seen.TryGetValue(name, out var before);
        _seen[name] = node;
        ClusterView view;
        lock (_lock)
        {
            _replayed = before is { InRecovery: true } && !node.InRecovery ? (name, before.Position) : _replayed;
            Refresh();
            view = _view;
        }

        if (node.InRecovery)
        {
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

            var replayed = _replayed.Name == name && _replayed.Position.Timeline == before.History.Current ? _replayed.Position.Lsn : Lsn.Zero;
            history = historyFile is null ? before.History.PromotedTo(timeline, replayed) : TimelineHistory.Parse(timeline, historyFile);
            Volatile.Write(ref _view, new ClusterView(name, history, Math.Max(before.HighestTimeline, timeline)) { Left = before.History.Current });
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

    // Under the lock. The highest timeline is that of what the nodes said last, and of what was heard lately: a promotion that was given up,
    // its node set up anew, fences nobody for ever.
    private void Refresh()
    {
        var highest = _view.History.Current;
        foreach (var node in _seen.Values)
        {
            highest = Math.Max(highest, node.Position.Timeline);
        }

        if (time.GetElapsedTime(_heard.At) < HearsayHolds)
        {
            highest = Math.Max(highest, _heard.Timeline);
        }

        if (highest != _view.HighestTimeline)
        {
            Volatile.Write(ref _view, _view with { HighestTimeline = highest });
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
