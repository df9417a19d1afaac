using Floodgate.Sessions;

namespace Floodgate.SimulationTests.Cache.Cluster;

/// <summary>A write of a key: what it is, and what became of it.</summary>
/// <param name="id">Its number, and that of its outbox row.</param>
/// <param name="key">The key.</param>
/// <param name="deletes">Whether the key has no value any more.</param>
internal sealed class CacheWrite(long id, long key, bool deletes)
{
    public long Id => id;

    public long Key => key;

    /// <summary>What readers of it see; null: nothing.</summary>
    public CacheValue? Value { get; } = deletes ? null : new CacheValue(key, id);

    /// <summary>The end of its commit record; none while it has not committed.</summary>
    public WalPosition Commit { get; set; }

    /// <summary>Taken inside the transaction, under the row's lock.</summary>
    public WalPosition Locked { get; set; }

    /// <summary>Since when every cache knows of it; null while it does not.</summary>
    public TimeSpan? AnnouncedAt { get; set; }

    /// <inheritdoc/>
    public override string ToString() => $"w{id}(key {key}{(deletes ? ", deleted" : "")})";
}

/// <summary>A value: which write of which key it is.</summary>
internal sealed record CacheValue(long Key, long Write);
