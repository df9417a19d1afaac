using Floodgate.Sessions;

namespace Floodgate.Bench.CacheNode.Load;

/// <summary>The last write that the readers of this process know of. Safe for concurrent use.</summary>
internal sealed class KnownWrite
{
    private volatile Told _told = new(0, WalPosition.None, 0);

    /// <summary>It.</summary>
    public Told Last
    {
        get => _told;
        set => _told = value;
    }

    /// <summary>A write.</summary>
    /// <param name="Version">The version that the written items have at least.</param>
    /// <param name="Position">What a session that knows of it has seen.</param>
    /// <param name="Keys">It is of the items 1 to this.</param>
    internal sealed record Told(long Version, WalPosition Position, int Keys)
    {
        /// <summary>Whether an item lacks it.</summary>
        public bool IsLackedBy(Items.Item item) => item.Id <= Keys && item.Version < Version;
    }
}
