using Floodgate.Bench.Cache;
using Floodgate.Bench.CacheNode.Messages;
using Floodgate.Bench.Measuring;

namespace Floodgate.BenchTests.Cache;

public sealed class CacheReportTests
{
    [Fact]
    public void Figures_are_compared_with_no_cache_at_the_same_hit_ratio()
    {
        var results = new CacheResults();
        results.Loads.AddRange(
        [
            Load(ModeName.NoCache, 0, reads: 999, queries: 999), Load(ModeName.NoCache, 0.9, reads: 100, queries: 100), Load(ModeName.Leases, 0.9, reads: 400, queries: 40),
        ]);

        var text = Text(results);

        // 400 reads in the time of 100; 40 queries for 400 reads are a tenth of 100 for 100.
        Assert.Contains("| leases | 90 % | 10.0 % | 200 | 4.00 × | 5.0 ms | 5.0 ms | 5.0 ms | 40 | 100 | 0.10 × |", text, StringComparison.Ordinal);
    }

    [Fact]
    public void One_query_within_50_ms_meets_the_goals()
    {
        var results = new CacheResults();
        results.Cold.Add(Waves(ModeName.Leases, Wave(queries: 1, slowest: 120, waited: 10_000), Wave(queries: 1, slowest: 149, waited: 9_000)));
        results.Expired.Add(Waves(ModeName.Leases, Wave(queries: 1, slowest: 9, waited: 0)));

        var text = Text(results);

        Assert.Contains("cold key: 1, 1 – met.", text, StringComparison.Ordinal);
        Assert.Contains("own 100 ms: 49 ms in the slowest wave – met.", text, StringComparison.Ordinal);
        Assert.Contains("soft expiry: 0 waited – met.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_slowest_wave_decides_and_being_slow_is_no_fault()
    {
        var results = new CacheResults();
        results.Cold.Add(Waves(ModeName.Leases, Wave(queries: 1, slowest: 200, waited: 1), Wave(queries: 1, slowest: 110, waited: 1)));
        results.Expired.Add(Waves(ModeName.Leases, Wave(queries: 1, slowest: 120, waited: 3)));

        var report = Report(results);

        Assert.Contains("100 ms in the slowest wave – NOT MET.", report.ToMarkdown(), StringComparison.Ordinal);
        Assert.Contains("3 waited – NOT MET.", report.ToMarkdown(), StringComparison.Ordinal);
        Assert.True(report.IsGood);
    }

    [Fact]
    public void A_second_query_and_a_caller_without_a_value_are_faults()
    {
        var results = new CacheResults();
        results.Cold.Add(Waves(ModeName.InProcess, Wave(queries: 4, slowest: 110, waited: 1)));
        Assert.True(Report(results).IsGood);

        results.Cold.Add(Waves(ModeName.Leases, Wave(queries: 2, slowest: 110, waited: 1), Wave(queries: 1, slowest: 110, waited: 1, failed: 7)));

        var report = Report(results);
        Assert.False(report.IsGood);
        Assert.Contains("FAULT: leases: 2 queries for one key instead of 1.", report.ToMarkdown(), StringComparison.Ordinal);
        Assert.Contains("FAULT: leases: 7 of 10000 callers did not get the value: broken", report.ToMarkdown(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_stale_read_is_a_fault_of_the_lease_cache_alone_and_so_is_a_hit_ratio_that_did_not_hold_of_all()
    {
        var results = new CacheResults();
        results.Loads.Add(Load(ModeName.InProcess, 1, reads: 10, queries: 1, stale: 5));
        Assert.True(Report(results).IsGood);

        results.Loads.Add(Load(ModeName.Leases, 1, reads: 10, queries: 1, stale: 5));
        Assert.Contains("FAULT: leases, ratios: 5 reads gave an older version", Text(results), StringComparison.Ordinal);

        results.Loads.Clear();
        results.Loads.Add(Load(ModeName.NoCache, 1, reads: 10, queries: 1, ranOut: true));
        Assert.False(Report(results).IsGood);
    }

    [Fact]
    public void Parts_that_did_not_run_have_no_table()
    {
        var results = new CacheResults { Memory = new MemoryFigures(Value: 200, Lease: 600, LeaseGrown: 700, Plain: 300, PlainGrown: 350) };

        var text = Text(results);

        Assert.Contains("| ratio |  | 2.00 × | 2.00 × |  |", text, StringComparison.Ordinal);
        Assert.DoesNotContain("hit ratios", text, StringComparison.Ordinal);
        Assert.DoesNotContain("cold key", text, StringComparison.Ordinal);
    }

    private static CacheReport Report(CacheResults results) => new(new CacheOptions(), results);

    private static string Text(CacheResults results) => Report(results).ToMarkdown();

    private static LoadFigures Load(string mode, double hits, int reads, int queries, int stale = 0, bool ranOut = false)
    {
        var latency = new LatencyHistogram();
        for (var i = 0; i < reads; i++) latency.Record(TimeSpan.FromMilliseconds(5));
        var answer = new LoadAnswer(reads, 0, null, stale, 0, ranOut, Seconds: 2, latency.Buckets, latency.Max.TotalMicroseconds, 1);
        return new LoadFigures(PartName.Ratios, mode, hits, [answer], new OriginFigures(queries, queries, queries))
        {
            Used = new ProcessorSample(new Dictionary<string, double>(StringComparer.Ordinal), 0),
        };
    }

    private static WaveSeries Waves(string mode, params WaveFigures[] waves) => new(mode, waves);

    private static WaveFigures Wave(long queries, double slowest, int waited, int failed = 0) => new(
        new WaveRequest(ModeName.Leases, Brief: false, 1, 10_000, 100),
        [new WaveAnswer(10_000 - failed, failed, failed == 0 ? null : "broken", slowest / 2, slowest, waited, 100)],
        queries);
}
