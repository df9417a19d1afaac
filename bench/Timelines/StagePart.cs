using System.Globalization;
using Floodgate.Bench.Measuring;
using Floodgate.TimelineService.HomeTimelines;

namespace Floodgate.Bench.Timelines;

/// <summary>The write stage alone: the store's own push, from this process, on living timelines.</summary>
internal sealed class StagePart(TimelinesOptions options, TimelineStore store, LivingTimelines living, PostIds posts, CostMeter costs, TimeProvider time)
{
    private const int InFlight = 8;
    private const int Sampled = 20;
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(700);

    /// <summary>Measures.</summary>
    /// <param name="limit">Commands a second of the limit; null where it was not measured.</param>
    /// <param name="progress">Counts sizes of audience.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<PartResult> RunAsync(double? limit, Progress progress, CancellationToken cancellation)
    {
        var result = new PartResult();
        var table = new ReportTable("The write stage alone", "followers", "posts", "entries", "entries/s", "of the limit", "p50 of a post", "p99");
        result.Tables.Add(table);
        await PushAsync(Population.PushedSizes[0], WarmUp, new LatencyHistogram(), cancellation);
        foreach (var size in Population.PushedSizes)
        {
            var latency = new LatencyHistogram();
            var before = costs.Begin();
            var (entries, took, last) = await PushAsync(size, options.PhaseLength, latency, cancellation);
            result.Costs.Add((string.Create(CultureInfo.InvariantCulture, $"entry of the write stage alone, {size:N0} followers"), entries, costs.Since(before)));
            var rate = entries / took.TotalSeconds;
            var of = limit is { } rps ? string.Create(CultureInfo.InvariantCulture, $"{rate / rps:0.00} ×") : "–";
            table.Add(size.ToString("N0", CultureInfo.InvariantCulture), latency.Count, entries, (long)rate, of, latency.Percentile(0.5), latency.Percentile(0.99));
            result.Summary.Add(new SummaryLine(
                string.Create(CultureInfo.InvariantCulture, $"write stage alone, {size:N0} followers"),
                string.Create(CultureInfo.InvariantCulture, $"{rate:N0} entries/s"),
                limit is null ? "" : of + " the limit"));
            if (entries != latency.Count * size) result.Faults.Add($"{entries} entries were pushed instead of {latency.Count * size}.");
            if (await living.MissingAsync(last) is > 0 and var missing) result.Faults.Add($"{missing} sampled timelines lack the newest post of the write stage.");
            progress.Add(1);
        }

        return result;
    }

    private async Task<(long Entries, TimeSpan Took, IReadOnlyList<(long User, long Post)> Last)> PushAsync(
        int size, TimeSpan length, LatencyHistogram latency, CancellationToken cancellation)
    {
        var parts = Enumerable.Range(0, Population.Crowd / size).Select(part => Population.Part(size, part)).ToArray();
        var newest = new long[parts.Length];
        var (entries, turn) = (0L, -1);
        var started = time.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, InFlight).Select(_ => Task.Run(WorkAsync, cancellation)));
        var took = time.GetElapsedTime(started);
        return (entries, took, [.. Enumerable.Range(0, Sampled).Select(i => i * parts.Length / Sampled).Where(part => newest[part] > 0).Select(part => (parts[part][0], newest[part]))]);

        async Task WorkAsync()
        {
            while (time.GetElapsedTime(started) < length)
            {
                cancellation.ThrowIfCancellationRequested();
                var part = Interlocked.Increment(ref turn) % parts.Length;
                var post = posts.Next();
                var began = time.GetTimestamp();
                Interlocked.Add(ref entries, await store.PushAsync(parts[part], post));
                latency.Record(time.GetElapsedTime(began));
                Volatile.Write(ref newest[part], post);
            }
        }
    }
}
