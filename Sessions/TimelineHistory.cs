using System.Globalization;

namespace Floodgate.Sessions;

/// <summary>Where a position stands in the history of the cluster as it is now.</summary>
public enum Standing
{
    /// <summary>On the line that leads to the primary's present: what was written up to there is still part of the data.</summary>
    OnLine,

    /// <summary>Past the point where its timeline was left, or on a timeline that was never part of the line: what was written there is lost.</summary>
    Lost,

    /// <summary>On a timeline that is newer than the newest known: a promotion that has not been noticed here yet.</summary>
    Ahead,
}

/// <summary>The end of a timeline that the cluster has left.</summary>
/// <param name="Timeline">The timeline.</param>
/// <param name="End">The switch point: what was written on the timeline past it is lost.</param>
public readonly record struct TimelineEnd(uint Timeline, Lsn End);

/// <summary>
/// The line of timelines that led to the present one, and where each was left. A promotion starts a new timeline at the last position that the
/// promoted node had replayed; LSNs go on from there. So along the line positions compare by LSN alone, and a position is on the line if it
/// is not past the end of its timeline
/// (https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-TIMELINES). Never changed: a promotion makes a new one.
/// </summary>
public sealed class TimelineHistory
{
    private readonly TimelineEnd[] _ends;

    /// <summary>Creates a history.</summary>
    /// <param name="current">The present timeline; 0 where none is known.</param>
    /// <param name="ends">The timelines before it, in any order.</param>
    public TimelineHistory(uint current, IEnumerable<TimelineEnd> ends)
    {
        ArgumentNullException.ThrowIfNull(ends);
        Current = current;
        _ends = [.. ends.Where(end => end.Timeline < current).OrderBy(end => end.Timeline)];
    }

    /// <summary>Nothing is known: only positions on the same timeline can be compared.</summary>
    public static TimelineHistory Unknown { get; } = new(0, []);

    /// <summary>The timeline of the primary; 0 where it is not known.</summary>
    public uint Current { get; }

    /// <summary>The timelines that were left, oldest first.</summary>
    public IReadOnlyList<TimelineEnd> Ends => _ends;

    /// <summary>
    /// Reads a timeline history file: a line for each earlier timeline, with its number and its switch point, separated by blanks. Lines that
    /// are not of that form are comments.
    /// </summary>
    /// <param name="current">The timeline the file is of.</param>
    /// <param name="file">What it holds; empty for timeline 1, which has none.</param>
    public static TimelineHistory Parse(uint current, string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var ends = new List<TimelineEnd>();
        foreach (var line in file.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var fields = line.Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length >= 2 && uint.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var timeline)
                && Lsn.TryParse(fields[1], CultureInfo.InvariantCulture, out var end))
            {
                ends.Add(new TimelineEnd(timeline, end));
            }
        }

        return new TimelineHistory(current, ends);
    }

    /// <summary>The history after a promotion whose history file cannot be read.</summary>
    /// <param name="next">The new timeline.</param>
    /// <param name="replayed">
    /// What the promoted node was last known to have replayed of <see cref="Current"/>: the switch point, or before it. So too much counts as
    /// perhaps lost, and never too little.
    /// </param>
    public TimelineHistory PromotedTo(uint next, Lsn replayed) =>
        new(next, Current == 0 ? [] : [.. _ends, new TimelineEnd(Current, replayed)]);

    /// <summary>Where a timeline was left; null for the present one, and for one that was never part of the line.</summary>
    public Lsn? EndOf(uint timeline)
    {
        foreach (var end in _ends)
        {
            if (end.Timeline == timeline)
            {
                return end.End;
            }
        }

        return null;
    }

    /// <summary>Where a position stands.</summary>
    public Standing Judge(WalPosition position)
    {
        if (position.Timeline == Current || position == WalPosition.None)
        {
            return Standing.OnLine;
        }

        return position.Timeline > Current ? Standing.Ahead : position.Lsn <= EndOf(position.Timeline) ? Standing.OnLine : Standing.Lost;
    }

    /// <summary>Whether a node at one position has everything up to another one.</summary>
    /// <param name="node">Where the node is.</param>
    /// <param name="wanted">What it must have.</param>
    public bool Covers(WalPosition node, WalPosition wanted)
    {
        var standing = Judge(node);
        if (wanted == WalPosition.None)
        {
            return standing != Standing.Lost;
        }

        return standing != Standing.Lost && node.Lsn >= wanted.Lsn
            && (node.Timeline == wanted.Timeline || (standing == Standing.OnLine && Judge(wanted) == Standing.OnLine));
    }

    /// <summary>
    /// Whether a snapshot holds what is left of everything written up to a floor: of a floor on a stretch that was lost only what lies before the switch
    /// point is left, so that it stands in nobody's way for ever.
    /// </summary>
    /// <param name="holds">The snapshot's position.</param>
    /// <param name="floor">What it must hold.</param>
    public bool Passes(WalPosition holds, WalPosition floor)
    {
        var standing = Judge(holds);
        if (floor == WalPosition.None || standing == Standing.Lost)
        {
            return standing != Standing.Lost;
        }

        if (holds.Timeline == floor.Timeline)
        {
            return holds.Lsn >= floor.Lsn;
        }

        return standing == Standing.OnLine && Judge(floor) switch
        {
            Standing.OnLine => holds.Lsn >= floor.Lsn,
            Standing.Lost => EndOf(floor.Timeline) is not { } end || holds.Lsn >= end,
            _ => false,
        };
    }

    /// <summary>
    /// The position at or past two others. Of one that is lost, where the other is not, the switch point is left: what it stood for beside what was lost is
    /// still there, and must be seen.
    /// </summary>
    public WalPosition Furthest(WalPosition a, WalPosition b)
    {
        return (Judge(a), Judge(b)) switch
        {
            (Standing.Lost, Standing.Lost) => WalPosition.Max(a, b),
            (Standing.Lost, _) => Kept(a, b),
            (_, Standing.Lost) => Kept(b, a),
            _ => Later(a, b),
        };
    }

    private WalPosition Kept(WalPosition lost, WalPosition other) =>
        other == WalPosition.None ? lost
        : EndOf(lost.Timeline) is { } end ? Later(new WalPosition(lost.Timeline, end), other)
        : other;

    private static WalPosition Later(WalPosition a, WalPosition b) => new(Math.Max(a.Timeline, b.Timeline), a.Lsn >= b.Lsn ? a.Lsn : b.Lsn);
}
