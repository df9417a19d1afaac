using System.Runtime.InteropServices;
using Floodgate.Bench.CacheNode.Items;
using Floodgate.Leases;
using Floodgate.Sessions;

namespace Floodgate.Bench.CacheNode.Reading;

/// <summary>A way of reading items. Safe for concurrent use.</summary>
internal interface IReadMode
{
    /// <summary>One of <see cref="Messages.ModeName"/>.</summary>
    string Name { get; }

    /// <summary>Reads an item.</summary>
    ValueTask<(Item? Item, string Source)> ReadAsync(long id, Wish wish, CancellationToken cancellationToken);

    /// <summary>Sees to it that items are kept, as far as the mode keeps any.</summary>
    Task WarmAsync(IReadOnlyList<long> ids, bool brief, CancellationToken cancellationToken);

    /// <summary>This process has written items: whoever reads them is to see it, as far as the mode can reach them.</summary>
    Task WrittenAsync(IReadOnlyList<long> ids, bool brief, CommittedWrite write, CancellationToken cancellationToken);

    /// <summary>Forgets what this process keeps.</summary>
    void Forget();
}

/// <summary>What a reader wants.</summary>
/// <param name="Brief">Whether it reads what expires soon.</param>
/// <param name="OriginTime">How long a query takes at least.</param>
/// <param name="AtLeast">What its session has seen.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Wish(bool Brief, TimeSpan OriginTime, WalPosition AtLeast);
