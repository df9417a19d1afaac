using Floodgate.Bench.CacheNode.Messages;

namespace Floodgate.Bench.Cache;

/// <summary>All that was measured.</summary>
internal sealed class CacheResults
{
    /// <summary>The hit ratios: the share of reads of keys that were read before.</summary>
    public static IReadOnlyList<double> Ratios { get; } = [0, 0.9, 0.99];

    /// <summary>Readers, in the order in which they ran.</summary>
    public List<LoadFigures> Loads { get; } = [];

    /// <summary>Callers on cold keys.</summary>
    public List<WaveSeries> Cold { get; } = [];

    /// <summary>Callers on keys past their soft expiry.</summary>
    public List<WaveSeries> Expired { get; } = [];

    /// <summary>Memory in Redis.</summary>
    public MemoryFigures? Memory { get; set; }

    /// <summary>Ways to Redis.</summary>
    public IReadOnlyList<TripFigures> Trips { get; set; } = [];

    /// <summary>What must not be: a read that failed, a caller without a value, more than one query for one key of the lease cache.</summary>
    public IEnumerable<string> Faults() =>
    [
        .. Loads.Where(load => load.Failed > 0).Select(load => $"{load.Mode}, {load.Part}: {load.Failed} reads failed: {load.Error}"),
        .. Loads.Where(load => load.RanOut).Select(load => $"{load.Mode}, {load.Part}: more was read than there are items that nobody had read; its hit ratio is higher than it says."),
        .. Loads.Where(load => load.Mode == ModeName.Leases && load.Stale > 0).Select(load => $"{load.Mode}, {load.Part}: {load.Stale} reads gave an older version than their session had seen."),
        .. Cold.Concat(Expired).SelectMany(FaultsOf),
    ];

    private static IEnumerable<string> FaultsOf(WaveSeries series)
    {
        foreach (var wave in series.Waves)
        {
            if (wave.Failed > 0) yield return $"{series.Mode}: {wave.Failed} of {wave.Callers} callers did not get the value: {wave.Error}";
            if (series.Mode == ModeName.Leases && wave.Queries != 1) yield return $"{series.Mode}: {wave.Queries} queries for one key instead of 1.";
        }
    }
}
