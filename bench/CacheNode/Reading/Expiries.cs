using Floodgate.Bench.CacheNode.Items;
using Floodgate.Leases;
using Microsoft.Extensions.Options;

namespace Floodgate.Bench.CacheNode.Reading;

/// <summary>The soft expiries of the lease cache, for those who are compared with it.</summary>
internal sealed class Expiries(IOptionsMonitor<LeaseCacheOptions> options)
{
    private readonly TimeSpan _lasting = options.Get(Item.Lasting).SoftExpiry;
    private readonly TimeSpan _brief = options.Get(Item.Brief).SoftExpiry;

    /// <summary>After how long a value is not fresh any more.</summary>
    public TimeSpan Of(bool brief) => brief ? _brief : _lasting;
}
