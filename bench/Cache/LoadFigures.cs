using Floodgate.Bench.CacheNode.Messages;
using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.Cache;

/// <summary>What was measured of readers in all processes.</summary>
internal sealed class LoadFigures
{
    private readonly List<double> _writes = [];

    /// <summary>Puts the answers of the processes together.</summary>
    /// <param name="part">The part of the run, one of <see cref="PartName"/>.</param>
    /// <param name="mode">How they read.</param>
    /// <param name="hits">The share of reads of keys that were read before.</param>
    /// <param name="answers">The answers.</param>
    /// <param name="origin">The queries meanwhile.</param>
    public LoadFigures(string part, string mode, double hits, IReadOnlyList<LoadAnswer> answers, OriginFigures origin)
    {
        (Part, Mode, Hits, Queries, Loaded) = (part, mode, hits, origin.Begun, origin.Keys);
        foreach (var answer in answers) Latency.Add(answer.Buckets, TimeSpan.FromMicroseconds(answer.MaxMicroseconds));
        Reads = answers.Sum(answer => answer.Reads);
        Rate = answers.Sum(answer => answer.Reads / answer.Seconds);
        Seconds = answers.Max(answer => answer.Seconds);
        Stale = answers.Sum(answer => answer.Stale);
        Failed = answers.Sum(answer => answer.Failed);
        Error = answers.Select(answer => answer.Error).FirstOrDefault(error => error is not null);
        WithoutRedis = answers.Sum(answer => answer.WithoutRedis);
        RanOut = answers.Any(answer => answer.RanOut);
    }

    public string Part { get; }

    public string Mode { get; }

    /// <summary>The share of reads of keys that were read before.</summary>
    public double Hits { get; }

    public long Reads { get; }

    /// <summary>Reads a second.</summary>
    public double Rate { get; }

    /// <summary>How long it took.</summary>
    public double Seconds { get; }

    public LatencyHistogram Latency { get; } = new();

    /// <summary>Queries that PostgreSQL was asked.</summary>
    public long Queries { get; }

    /// <summary>Items that they asked for.</summary>
    public long Loaded { get; }

    /// <summary>Reads that gave an older version than the process had been told of before they began.</summary>
    public long Stale { get; }

    /// <summary>Reads that the lease cache answered without Redis.</summary>
    public long WithoutRedis { get; }

    public long Failed { get; }

    public string? Error { get; }

    /// <summary>Processor time of each part of the system meanwhile.</summary>
    public required ProcessorSample Used { get; init; }

    /// <summary>Processor microseconds of a part for each read.</summary>
    public double CostOf(string group) => Used.ByGroup.GetValueOrDefault(group) * 1_000_000 / Reads;

    /// <summary>Whether there were not enough items.</summary>
    public bool RanOut { get; }

    /// <summary>How long it took from each commit until it could be acknowledged, in milliseconds.</summary>
    public IList<double> Writes => _writes;
}
