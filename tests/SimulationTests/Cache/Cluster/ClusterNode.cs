using Floodgate.Sessions;
using Floodgate.SimulationTests.Scheduling;
using Floodgate.SimulationTests.Servers;
using Npgsql;

namespace Floodgate.SimulationTests.Cache.Cluster;

/// <summary>A PostgreSQL server.</summary>
internal sealed class ClusterNode(Scheduler scheduler, string name, WalLine line)
{
    /// <summary>Its name in traces.</summary>
    public string Name => name;

    /// <summary>The way to it.</summary>
    public Network Network { get; } = new(scheduler, name, TimeSpan.FromMilliseconds(0.6), reason => new NpgsqlException(reason));

    /// <summary>The log that it writes or follows.</summary>
    public WalLine Line { get; set; } = line;

    /// <summary>Whether it takes writes.</summary>
    public bool TakesWrites { get; set; }

    /// <summary>How far it has replayed, and on which timeline.</summary>
    public WalPosition Replayed { get; set; } = line.At(line.Written);

    /// <summary>Whether its replay is paused.</summary>
    public bool IsPaused { get; set; }

    /// <summary>The keys whose rows are locked.</summary>
    public HashSet<long> LockedRows { get; } = [];

    /// <summary>What it says of itself: the primary what it has written, a replica what it has replayed.</summary>
    public WalPosition Position => TakesWrites ? Line.AtEnd(Line.Written) : Replayed;

    /// <summary>Asks it for its position.</summary>
    public Task<WalPosition> PositionAsync(SimulatedProcess caller) => Network.CallAsync(caller, null, () => Position);

    /// <summary>Whether a snapshot sees a commit.</summary>
    public bool Sees(WalRecord record) => TakesWrites
        ? record.IsVisible || record.End <= Replayed.Lsn.Value
        : record.End <= Replayed.Lsn.Value;

    /// <summary>The last write of a key in a snapshot taken now.</summary>
    public CacheWrite? Last(long key) => Line.Last(key, Sees);

    /// <summary>The epoch, with the timeline above it.</summary>
    public long Epoch => Line.Epoch(Sees) + ((long)Line.History.Current << 40);
}
