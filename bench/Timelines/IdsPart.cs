using System.Globalization;
using Floodgate.Bench.Measuring;
using Floodgate.Nodes;
using Floodgate.Sessions;
using Floodgate.TimelineService.HomeTimelines;
using Floodgate.TimelineService.Input;

namespace Floodgate.Bench.Timelines;

/// <summary>Pages of ids, without the posts: the timeline in Redis, merged with what is not pushed, as TimelinePages does it.</summary>
internal sealed class IdsPart(TimelinesOptions options, CoreHost core, Population population, CostMeter costs, TimeProvider time)
{
    /// <summary>How many readers are asked at the same time.</summary>
    public static IReadOnlyList<int> Concurrencies { get; } = [1, 8, 32, 128];

    private const int PageLength = 21;
    private const int Compared = 20;
    private const double GoalRate = 30_000;

    // As for whole pages.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);

    private readonly NodeRead _where = new(CoreHost.Replica, WalPosition.None);
    private readonly TimelineSources _sources = core.Get<TimelineSources>();
    private readonly long[] _readers = [.. population.Readers];

    /// <summary>Measures.</summary>
    public async Task<PartResult> RunAsync(Progress progress, CancellationToken cancellation)
    {
        var result = new PartResult();
        foreach (var reader in _readers) await PageAsync(reader, cancellation);
        if (await DifferentAsync(cancellation) is > 0 and var different) result.Faults.Add($"{different} of {Compared} pages of ids are not those of SQL.");
        var table = new ReportTable("Pages of 21 ids", "readers at once", "pages", "pages/s", "p50", "p99", "answered");
        result.Tables.Add(table);
        var best = 0.0;
        await ReadAsync(Concurrencies[^1], WarmUp, cancellation);
        foreach (var concurrency in Concurrencies)
        {
            var before = costs.Begin();
            var (latency, full, took) = await ReadAsync(concurrency, options.PhaseLength, cancellation);
            result.Costs.Add((string.Create(CultureInfo.InvariantCulture, $"page of ids, {concurrency} at once"), latency.Count, costs.Since(before)));
            var rate = latency.Count / took.TotalSeconds;
            best = Math.Max(best, rate);
            table.Add(
                concurrency.ToString(CultureInfo.InvariantCulture), latency.Count, (long)rate, latency.Percentile(0.5), latency.Percentile(0.99),
                string.Create(CultureInfo.InvariantCulture, $"{(double)full / latency.Count:0.0 %}"));
            if (full < latency.Count) result.Faults.Add($"{latency.Count - full} pages of ids were not full.");
            progress.Add(1);
        }

        result.Summary.Add(new SummaryLine(
            "pages of ids", string.Create(CultureInfo.InvariantCulture, $"{best:N0} pages/s"), "", "30,000 pages/s", best >= GoalRate));
        return result;
    }

    /// <summary>The newest ids of a reader.</summary>
    private async Task<List<long>> PageAsync(long reader, CancellationToken cancellation)
    {
        var (input, slice, _) = (await _sources.ReadAsync(reader, IdInput.End, PageLength, _where, cancellation)).Value;
        var (ids, _) = input.Merge(slice, IdInput.End);
        if (ids.Count > PageLength) ids.RemoveRange(PageLength, ids.Count - PageLength);
        return ids;
    }

    private async Task<(LatencyHistogram Latency, long Full, TimeSpan Took)> ReadAsync(int concurrency, TimeSpan length, CancellationToken cancellation)
    {
        var latency = new LatencyHistogram();
        var full = 0L;
        var started = time.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, concurrency).Select(worker => Task.Run(() => WorkAsync(new Random(options.Seed + worker)), cancellation)));
        return (latency, full, time.GetElapsedTime(started));

        async Task WorkAsync(Random random)
        {
            while (time.GetElapsedTime(started) < length)
            {
                cancellation.ThrowIfCancellationRequested();
                var began = time.GetTimestamp();
                var ids = await PageAsync(_readers[random.Next(_readers.Length)], cancellation);
                latency.Record(time.GetElapsedTime(began));
                if (ids.Count == PageLength) Interlocked.Increment(ref full);
            }
        }
    }

    private async Task<int> DifferentAsync(CancellationToken cancellation)
    {
        var queries = core.Get<TimelineQueries>();
        var different = 0;
        for (var i = 0; i < Compared; i++)
        {
            var reader = _readers[i * _readers.Length / Compared];
            var expected = await queries.IdsAsync(reader, IdInput.End, PageLength, NodeRead.Primary, cancellation);
            if (!expected.Value.SequenceEqual(await PageAsync(reader, cancellation))) different++;
        }

        return different;
    }
}
