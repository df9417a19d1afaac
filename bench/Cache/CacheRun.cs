using System.Globalization;
using Floodgate.Bench.CacheNode.Messages;
using Floodgate.Bench.Measuring;
using Spectre.Console;

namespace Floodgate.Bench.Cache;

/// <summary>Goes through the parts; in each of them mode after mode, so that what changes on the machine hits all of them alike.</summary>
internal sealed class CacheRun(CacheOptions options, CacheSystem system, IAnsiConsole console, TimeProvider time)
{
    private readonly ItemRange _items = new(options);
    private readonly CacheResults _results = new();
    private readonly ProgressDisplay _display = new(console, time);

    /// <summary>Runs everything.</summary>
    public async Task<CacheReport> RunAsync(CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var processor = new ProcessorTimes(system.Processes());
        var before = processor.Take();
        await system.Fleet.Nodes[0].MakeItemsAsync(new NewItems(_items.Count, ItemRange.TextBytes), cancellation);
        var loads = new LoadPart(options, system, _items, processor, time);
        var steps = Steps(loads);
        await _display.RunAsync("measuring", steps.Count, async progress =>
        {
            foreach (var (what, run) in steps)
            {
                var figure = await run(cancellation);
                if (!console.Profile.Out.IsTerminal) console.WriteLine($"  {what}: {figure}");
                progress.Add(1);
            }
        }, cancellation);

        var took = time.GetElapsedTime(started);
        var used = processor.Take().Since(before);
        return new CacheReport(options, _results) { At = time.GetUtcNow(), Took = took, OtherCores = (used.Machine - used.Total) / took.TotalSeconds };
    }

    private List<(string What, Func<CancellationToken, Task<string>> Run)> Steps(LoadPart loads)
    {
        var steps = new List<(string, Func<CancellationToken, Task<string>>)>();
        var waves = new WavePart(options, system, _items, time);
        if (Has(PartName.Ratios) || Has(PartName.Expiring) || Has(PartName.Written))
            steps.Add(("warm-up", async cancellation =>
            {
                await loads.WarmUpAsync(cancellation);
                return "done";
            }
            ));
        foreach (var hits in CacheResults.Ratios.Where(_ => Has(PartName.Ratios)))
        {
            foreach (var mode in ModeName.All)
                steps.Add((Invariant($"{mode}, {hits:0 %} hits"), cancellation => LoadAsync(loads.AtRatioAsync(mode, hits, cancellation))));
        }

        foreach (var mode in ModeName.All.Where(_ => Has(PartName.Expiring)))
            steps.Add(($"{mode}, expiring", cancellation => LoadAsync(loads.ExpiringAsync(mode, cancellation))));
        foreach (var mode in ModeName.All.Where(_ => Has(PartName.Written)))
            steps.Add(($"{mode}, written", cancellation => LoadAsync(loads.WrittenAsync(mode, cancellation))));
        foreach (var mode in ModeName.All.Where(_ => Has(PartName.Cold)))
            steps.Add(($"{mode}, cold key", async cancellation => Add(_results.Cold, await waves.ColdAsync(mode, cancellation))));
        foreach (var mode in ModeName.All.Where(mode => mode != ModeName.NoCache && Has(PartName.Expired)))
            steps.Add(($"{mode}, expired key", async cancellation => Add(_results.Expired, await waves.ExpiredAsync(mode, cancellation))));
        if (Has(PartName.Memory))
            steps.Add(("memory", async cancellation =>
            {
                _results.Memory = await new MemoryPart(system).RunAsync(cancellation);
                return Invariant($"{_results.Memory.Lease:0} bytes an entry");
            }
            ));
        if (Has(PartName.Trips))
            steps.Add(("round trips", async cancellation =>
            {
                _results.Trips = await new TripsPart(system, _items).RunAsync(cancellation);
                return string.Join(", ", _results.Trips.Select(trip => Invariant($"{trip.Call} {trip.RoundTrips:0.0}")));
            }
            ));
        return steps;
    }

    private async Task<string> LoadAsync(Task<LoadFigures> running)
    {
        var load = await running;
        _results.Loads.Add(load);
        return Invariant($"{load.Rate:N0} reads/s, {load.Queries:N0} queries, p99 {ReportTable.Text(load.Latency.Percentile(0.99))}, {load.Stale:N0} stale, {load.WithoutRedis:N0} without Redis");
    }

    private static string Add(List<WaveSeries> all, WaveSeries series)
    {
        all.Add(series);
        return string.Join("; ", series.Waves.Select(wave => Invariant($"{wave.Queries:N0} queries, slowest {ReportTable.Text(wave.Slowest)}, {wave.Waited:N0} waited")));
    }

    private bool Has(string part) => options.Parts.Contains(part, StringComparer.Ordinal);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
