using Floodgate.Sessions;

namespace Floodgate.SimulationTests.Cache.Cluster;

/// <summary>A commit in the log.</summary>
/// <param name="end">Where its record ends.</param>
/// <param name="write">What was written; null for a raised epoch.</param>
/// <param name="epoch">The epoch from here on.</param>
internal sealed class WalRecord(ulong end, CacheWrite? write, long epoch)
{
    public ulong End => end;

    public CacheWrite? Write => write;

    public long Epoch => epoch;

    /// <summary>Whether snapshots of the primary see it: a moment after it is in the log.</summary>
    public bool IsVisible { get; set; } = write is null;
}

/// <summary>The log of a primary, from the beginning on, with what deleted outbox rows say.</summary>
/// <param name="history">The timeline of its end, and those before it.</param>
/// <param name="records">What it begins with.</param>
/// <param name="told">The outbox rows that are deleted.</param>
internal sealed class WalLine(TimelineHistory history, IEnumerable<WalRecord> records, IEnumerable<long> told)
{
    /// <summary>The timeline of its end, and those before it.</summary>
    public TimelineHistory History => history;

    /// <summary>Its commits, in order.</summary>
    public List<WalRecord> Records { get; } = [.. records];

    /// <summary>The writes whose outbox rows are deleted.</summary>
    public HashSet<long> Told { get; } = [.. told];

    /// <summary>Where the next record begins (<c>pg_current_wal_insert_lsn()</c>).</summary>
    public ulong Inserted { get; set; } = 0x1000;

    /// <summary>Up to where it is on disk (<c>pg_current_wal_lsn()</c>).</summary>
    public ulong Written { get; set; } = 0x1000;

    /// <summary>What a snapshot has of a key: the last write that it holds.</summary>
    public CacheWrite? Last(long key, Func<WalRecord, bool> isSeen)
    {
        for (var i = Records.Count - 1; i >= 0; i--)
        {
            if (Records[i].Write is { } write && write.Key == key && isSeen(Records[i]))
            {
                return write;
            }
        }

        return null;
    }

    /// <summary>The epoch in a snapshot.</summary>
    public long Epoch(Func<WalRecord, bool> isSeen) => Records.FindLast(record => isSeen(record))?.Epoch ?? 1;

    /// <summary>The log of a node that is promoted when it has replayed up to somewhere.</summary>
    public WalLine Promote(uint next, WalPosition replayed)
    {
        var ends = history.Ends.Where(end => end.Timeline < replayed.Timeline).Append(new TimelineEnd(replayed.Timeline, replayed.Lsn));
        return new WalLine(new TimelineHistory(next, ends), Records.Where(record => record.End <= replayed.Lsn.Value), Told)
        {
            Inserted = replayed.Lsn.Value,
            Written = replayed.Lsn.Value,
        };
    }

    /// <summary>A position on it, at its end.</summary>
    public WalPosition AtEnd(ulong lsn) => new(history.Current, new Lsn(lsn));

    /// <summary>A position on it, anywhere.</summary>
    public WalPosition At(ulong lsn)
    {
        foreach (var end in history.Ends)
        {
            if (lsn <= end.End.Value)
            {
                return new WalPosition(end.Timeline, new Lsn(lsn));
            }
        }

        return AtEnd(lsn);
    }
}
