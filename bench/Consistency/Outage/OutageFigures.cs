using System.Collections.Concurrent;
using System.Globalization;
using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.Consistency.Outage;

/// <summary>When something was asked for.</summary>
internal enum OutagePhase
{
    /// <summary>Before the primary was killed.</summary>
    Before,

    /// <summary>While it was away.</summary>
    Away,

    /// <summary>From when it was started again.</summary>
    After,
}

/// <summary>What was answered before, during and after the outage. Safe for concurrent use.</summary>
internal sealed class OutageFigures
{
    private readonly ConcurrentDictionary<(OutagePhase Phase, string Call, int Status), long> _counts = new();
    private readonly ConcurrentDictionary<string, LatencyHistogram> _latencies = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Call, string Reason), long> _reasons = new();

    /// <summary>Likes acknowledged, by phase.</summary>
    public long LikesAcknowledged(OutagePhase phase) => Count(phase, OutageLoad.Like, 200);

    /// <summary>Acknowledged likes that are not in PostgreSQL.</summary>
    public long LikesLost { get; set; }

    /// <summary>Posts acknowledged with 201 that are not in PostgreSQL.</summary>
    public long PostsLost { get; set; }

    /// <summary>Posts promised with 202.</summary>
    public long PostsPromised => _counts.Where(pair => pair.Key is { Call: OutageLoad.Post, Status: 202 }).Sum(pair => pair.Value);

    /// <summary>Posts promised with 202 that are in PostgreSQL.</summary>
    public long PostsPublished { get; set; }

    /// <summary>Posts that are there more than once.</summary>
    public long PostsTwice { get; set; }

    /// <summary>How long the primary was away.</summary>
    public TimeSpan Away { get; set; }

    /// <summary>Answers that the interface does not promise.</summary>
    public long Unexpected => _counts.Where(pair => pair.Key.Status is not (0 or 200 or 201 or 202 or 429 or 503)).Sum(pair => pair.Value);

    /// <summary>Counts an answer.</summary>
    public void Count(OutagePhase phase, string call, int status, string? reason, TimeSpan took)
    {
        _counts.AddOrUpdate((phase, call, status), 1, static (_, count) => count + 1);
        if (phase != OutagePhase.Away) return;
        _latencies.GetOrAdd(call, static _ => new LatencyHistogram()).Record(took);
        if (reason is not null && status == 200) _reasons.AddOrUpdate((call, reason), 1, static (_, count) => count + 1);
    }

    /// <summary>How many answers there were.</summary>
    public long Count(OutagePhase phase, string call, int status) => _counts.GetValueOrDefault((phase, call, status));

    /// <summary>The share of calls that were answered with 2xx while the primary was away.</summary>
    public double Answered(string call) => Of(call, status => status is >= 200 and < 300) / (double)Of(call, static _ => true);

    /// <summary>What was answered while the primary was away, a row for each call.</summary>
    public ReportTable ToTable()
    {
        var table = new ReportTable(
            string.Create(CultureInfo.InvariantCulture, $"The primary away for {Away.TotalSeconds:0} s"), "call", "asked", "2xx", "of them 202", "503", "429", "no answer", "other", "answered", "p50", "p99", "max", "served as");
        foreach (var call in _latencies.Keys.Order(StringComparer.Ordinal))
        {
            var latency = _latencies[call];
            var asked = Of(call, static _ => true);
            var good = Of(call, static status => status is >= 200 and < 300);
            long[] refused = [.. new[] { 503, 429, 0 }.Select(refusal => Of(call, status => status == refusal))];
            table.Add(
                call, asked, good, Of(call, static status => status == 202), refused[0], refused[1], refused[2], asked - good - refused.Sum(), FormattableString.Invariant($"{Answered(call):0.00 %}"),
                latency.Percentile(0.5), latency.Percentile(0.99), latency.Max, Reasons(call));
        }

        return table;
    }

    private string Reasons(string call) => string.Join(", ", _reasons.Where(pair => pair.Key.Call == call)
        .OrderByDescending(pair => pair.Value).Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key.Reason}: {pair.Value:N0}")));

    private long Of(string call, Func<int, bool> status) =>
        _counts.Where(pair => pair.Key.Phase == OutagePhase.Away && pair.Key.Call == call && status(pair.Key.Status)).Sum(pair => pair.Value);
}
