using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Floodgate.Bench.Counters.Load;
using Floodgate.Bench.Measuring;
using Floodgate.Messaging.Counters;
using Floodgate.Nodes;
using Floodgate.Sessions;
using Floodgate.TimelineService.HomeTimelines;
using Floodgate.TimelineService.Input;

namespace Floodgate.Bench.Timelines;

/// <summary>Whole pages of 20 posts through HTTP, beside a bare endpoint and the same page in SQL.</summary>
internal sealed class PagesPart(TimelinesOptions options, TimelinesSystem system, Population population, SqlPages sql, CoreHost core, CostMeter costs, TimeProvider time)
{
    private const int PageLength = 20;
    private const int Compared = 20;
    private const double GoalShare = 0.25;
    private const int AtOnce = 16;

    // Enough that the post is liked again between one page and the next, and few enough that the likes do not take the machine from the pages.
    private const int Likers = 4;
    private const long FirstLiker = 20_000_001;

    // The machine is not always as fast: what is compared is measured in turns.
    private const int Rounds = 4;

    private const string NodeHeader = InternalHeaders.Node + ": " + CoreHost.Replica;

    // So that what is measured is compiled for good, and the compiler does not take a share of the processor for itself.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);

    // From when on a reader's next page has the likes that there are filled in, see docs/counters.md.
    private static readonly TimeSpan LikesFilled = new CounterQueueOptions().FlushInterval + new CounterQueueOptions().FillAfter;

    private readonly LoadClient _client = new(time);

    /// <summary>How many steps it has: the loads, and each reader once through the core and twice through HTTP.</summary>
    public static int StepsFor(int readers) => 5 + (3 * readers);

    /// <summary>Measures.</summary>
    public async Task<PartResult> RunAsync(Progress progress, CancellationToken cancellation)
    {
        var result = new PartResult();
        await WarmAsync(progress, cancellation);
        if (await DifferentAsync(cancellation) is > 0 and var different) result.Faults.Add($"{different} of {Compared} pages through HTTP are not those of SQL.");
        var table = new ReportTable("Pages of 20 posts", "", "pages/s", "of the bare endpoint", "p50", "p99", "max", "errors");
        result.Tables.Add(table);
        var pages = Requests(system.Timeline, new InternalCaller(), NodeHeader);
        Load[] loads =
        [
            new("bare endpoint", system.Baseline, new AdditionRequests(system.Baseline.Authority, "/bare/bench", 1, new InternalCaller(), new Random(options.Seed))),
            new("at TimelineService, one of its processes", system.Timeline, pages, Goal: GoalShare),
            new("through ReadRouter", system.Gateway, Requests(system.Gateway, new BearerCaller(system.TokenKey, time), ""), Goal: GoalShare),
            new("at TimelineService, while one post is liked", system.Timeline, pages, await LikesAsync(cancellation)),
        ];
        foreach (var load in loads) await LoadAsync(load, WarmUp, new LoadResult(), new LoadResult(), cancellation);
        var (found, liked) = (loads.Select(_ => new LoadResult()).ToArray(), new LoadResult());
        var used = new ProcessorSample?[loads.Length];
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < loads.Length; i++)
            {
                var before = costs.Begin();
                await LoadAsync(loads[i], options.PhaseLength / Rounds, found[i], liked, cancellation);
                used[i] = used[i]?.Plus(costs.Since(before)) ?? costs.Since(before);
            }
        }

        var bare = 0.0;
        for (var i = 0; i < loads.Length; i++)
        {
            var (what, load) = (loads[i].Likes is null ? loads[i].What : string.Create(CultureInfo.InvariantCulture, $"{loads[i].What} {liked.Rate:N0} times/s"), found[i]);
            result.Costs.Add((what, load.Acknowledged, used[i]!));
            var isBare = bare == 0;
            bare = isBare ? load.Rate : bare;
            table.Add(what, (long)load.Rate, Share(load.Rate, bare), load.Latency.Percentile(0.5), load.Latency.Percentile(0.99), load.Latency.Max, load.Errors.Values.Sum());
            if (!isBare)
                result.Summary.Add(Line($"pages of 20 posts {what}", load.Rate, bare, loads[i].Goal));
            if (load.Errors.Count > 0) result.Faults.Add($"{what}: not answered with 2xx: {string.Join(", ", load.Errors.Select(error => $"{error.Key}: {error.Value}"))}.");
            progress.Add(1);
        }

        if (liked.Acknowledged == 0 || liked.Errors.Count > 0) result.Faults.Add($"{liked.Acknowledged} likes were acknowledged, {liked.Errors.Values.Sum()} were not.");
        var beforeInside = costs.Begin();
        var (inside, length) = await InsideAsync(cancellation);
        var insideRate = inside.Count / length.TotalSeconds;
        result.Costs.Add(("page of 20 posts in the process of the bench", inside.Count, costs.Since(beforeInside)));
        table.Add("in the process of the bench, without HTTP and likes", (long)insideRate, Share(insideRate, bare), inside.Percentile(0.5), inside.Percentile(0.99), inside.Max, 0);
        var beforeSql = costs.Begin();
        var (latency, took) = await sql.RunAsync(options.PhaseLength, cancellation);
        result.Costs.Add(("SQL join", latency.Count, costs.Since(beforeSql)));
        var rate = latency.Count / took.TotalSeconds;
        table.Add("SQL join on a replica, without HTTP and likes", (long)rate, Share(rate, bare), latency.Percentile(0.5), latency.Percentile(0.99), latency.Max, 0);
        result.Summary.Add(new SummaryLine("the same page by an SQL join", Rate(rate), Share(rate, bare) + " the bare endpoint"));
        progress.Add(1);
        return result;
    }

    // Posts and follow lists are in the caches once each reader's page has been read, own likes once it has been read again; what is hot is in the processes once loads have run.
    private async Task WarmAsync(Progress progress, CancellationToken cancellation)
    {
        var pages = core.Get<TimelinePages>();
        var page = new PageInput(PageLength, IdInput.End, new NodeRead(CoreHost.Replica, WalPosition.None));
        using var http = new HttpClient();
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(population.Readers, atOnce, async (reader, stop) =>
        {
            await pages.ReadAsync(reader, page, stop);
            progress.Add(1);
        });
        for (var pass = 1; pass <= 2; pass++)
        {
            await Parallel.ForEachAsync(population.Readers, atOnce, async (reader, stop) =>
            {
                await PageAsync(http, reader, stop);
                progress.Add(1);
            });
            if (pass == 1) await Task.Delay(LikesFilled, time, cancellation);
        }
    }

    private async Task<(LatencyHistogram Latency, TimeSpan Took)> InsideAsync(CancellationToken cancellation)
    {
        var pages = core.Get<TimelinePages>();
        var page = new PageInput(PageLength, IdInput.End, new NodeRead(CoreHost.Replica, WalPosition.None));
        var readers = population.Readers.ToArray();
        var latency = new LatencyHistogram();
        var started = time.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(worker => Task.Run(() => WorkAsync(new Random(options.Seed + worker)), cancellation)));
        return (latency, time.GetElapsedTime(started));

        async Task WorkAsync(Random random)
        {
            while (time.GetElapsedTime(started) < options.PhaseLength)
            {
                var began = time.GetTimestamp();
                await pages.ReadAsync(readers[random.Next(readers.Length)], page, cancellation);
                latency.Record(time.GetElapsedTime(began));
            }
        }
    }

    private PageRequests Requests(Uri address, ICaller caller, string header) => new(address.Authority, population.Readers, caller, header, new Random(options.Seed));

    // The post that is on most pages: readers follow the same famous authors.
    private async Task<LikeRequests> LikesAsync(CancellationToken cancellation)
    {
        using var http = new HttpClient();
        var shown = new List<long>();
        foreach (var reader in population.Readers.Take(Compared)) shown.AddRange(await PageAsync(http, reader, cancellation));
        return new LikeRequests(system.Counter.Authority, shown.CountBy(post => post).MaxBy(post => post.Value).Key, new InternalCaller(), FirstLiker);
    }

    private async Task LoadAsync(Load load, TimeSpan length, LoadResult result, LoadResult liked, CancellationToken cancellation)
    {
        var liking = load.Likes is null
            ? Task.CompletedTask
            : _client.RunAsync(new IPEndPoint(IPAddress.Loopback, system.Counter.Port), load.Likes, Likers, length, liked, cancellation);
        await _client.RunAsync(new IPEndPoint(IPAddress.Loopback, load.Address.Port), load.Requests, options.Connections, length, result, cancellation);
        await liking;
    }

    // What the service shows, against the join.
    private async Task<int> DifferentAsync(CancellationToken cancellation)
    {
        using var http = new HttpClient();
        var different = 0;
        var readers = population.Readers.ToArray();
        for (var i = 0; i < Compared; i++)
        {
            var reader = readers[i * readers.Length / Compared];
            var expected = (await sql.OneAsync(reader, cancellation)).Take(PageLength);
            if (!expected.SequenceEqual(await PageAsync(http, reader, cancellation))) different++;
        }

        return different;
    }

    private async Task<IEnumerable<long>> PageAsync(HttpClient http, long reader, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(system.Timeline, PageRequests.Path));
        request.Headers.Add(InternalHeaders.User, reader.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(InternalHeaders.Node, CoreHost.Replica);
        using var answer = await http.SendAsync(request, cancellation);
        answer.EnsureSuccessStatusCode();
        var page = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellation);
        return page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetInt64());
    }

    private static SummaryLine Line(string what, double rate, double bare, double? goal) => goal is { } share
        ? new SummaryLine(what, Rate(rate), Share(rate, bare) + " the bare endpoint", string.Create(CultureInfo.InvariantCulture, $"{share:0.00} × the bare endpoint"), rate >= share * bare)
        : new SummaryLine(what, Rate(rate), Share(rate, bare) + " the bare endpoint");

    private static string Rate(double rate) => string.Create(CultureInfo.InvariantCulture, $"{rate:N0} pages/s");

    private static string Share(double rate, double bare) => string.Create(CultureInfo.InvariantCulture, $"{rate / bare:0.00} ×");

    /// <summary>What is measured.</summary>
    /// <param name="What">What it is called.</param>
    /// <param name="Address">Who is asked.</param>
    /// <param name="Requests">For what.</param>
    /// <param name="Likes">What CounterService is asked for meanwhile; null: nothing.</param>
    /// <param name="Goal">The share of the bare endpoint that is wanted; null: none.</param>
    private sealed record Load(string What, Uri Address, RequestSource Requests, RequestSource? Likes = null, double? Goal = null);
}
