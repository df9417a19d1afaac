using System.Globalization;
using Floodgate.Bench.CacheNode.Messages;

namespace Floodgate.Bench.Cache;

/// <summary>Measures what entries take in Redis, beside plain keys with the same values.</summary>
internal sealed class MemoryPart(CacheSystem system)
{
    private const int Entries = 4000;
    private const int Sampled = 200;
    private static readonly TimeSpan Expiry = TimeSpan.FromHours(1);

    /// <summary>Measures.</summary>
    public async Task<MemoryFigures> RunAsync(CancellationToken cancellation)
    {
        await system.Redis.ClearAsync();
        var empty = await system.Redis.UsedMemoryAsync();
        await system.Fleet.Nodes[0].WarmAsync(new WarmRequest(ModeName.Leases, Brief: false, Entries), cancellation);
        var leases = await system.Redis.UsedMemoryAsync();
        var values = new List<byte[]>();
        for (var id = 1; id <= Entries; id++) values.Add(await system.Redis.ValueAsync(EntryOf(id)));
        var leaseUsage = await UsageAsync(EntryOf);

        // The keys are as long as those of the entries.
        await system.Redis.ClearAsync();
        var emptyAgain = await system.Redis.UsedMemoryAsync();
        for (var id = 1; id <= Entries; id++) await system.Redis.SetAsync(PlainOf(id), values[id - 1], Expiry);
        var plain = await system.Redis.UsedMemoryAsync();
        return new MemoryFigures(
            values.Average(value => value.Length), leaseUsage, (double)(leases - empty) / Entries, await UsageAsync(PlainOf), (double)(plain - emptyAgain) / Entries);
    }

    private async Task<double> UsageAsync(Func<int, string> key)
    {
        var sum = 0.0;
        for (var i = 0; i < Sampled; i++) sum += await system.Redis.UsageAsync(key(1 + (i * (Entries / Sampled))));
        return sum / Sampled;
    }

    private static string EntryOf(int id) => string.Create(CultureInfo.InvariantCulture, $"lc:bench-item:1:{{{id}}}");

    private static string PlainOf(int id) => string.Create(CultureInfo.InvariantCulture, $"pl:bench-item:1:{{{id}}}");
}

/// <summary>Bytes of Redis memory for each entry.</summary>
/// <param name="Value">Of the value alone.</param>
/// <param name="Lease">As MEMORY USAGE says, of an entry of the lease cache.</param>
/// <param name="LeaseGrown">By how much used_memory grew with one.</param>
/// <param name="Plain">As MEMORY USAGE says, of a plain key with the value.</param>
/// <param name="PlainGrown">By how much used_memory grew with one.</param>
internal sealed record MemoryFigures(double Value, double Lease, double LeaseGrown, double Plain, double PlainGrown);
