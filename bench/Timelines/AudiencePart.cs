using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Floodgate.Bench.Cache;
using Floodgate.Bench.Measuring;
using Floodgate.Nodes;
using Floodgate.Sessions;
using Floodgate.TimelineService.HomeTimelines;
using Floodgate.TimelineService.Input;

namespace Floodgate.Bench.Timelines;

/// <summary>What a post costs as its audience grows: it is written through TimelineService, one at a time, and followed until it is fanned out.</summary>
internal sealed class AudiencePart(
    TimelinesSystem system, CoreHost core, RedisProbe redis, Backlog backlog, CostMeter costs, TimeProvider time)
{
    private const int WarmUpPosts = 5;
    private const int LeastPosts = 20;
    private const int MostPosts = 60;
    private const int EntriesWanted = 100_000;

    /// <summary>Measures.</summary>
    public async Task<PartResult> RunAsync(IEnumerable<int> sizes, Progress progress, CancellationToken cancellation)
    {
        var result = new PartResult();
        var figures = new List<AudienceFigures>();
        using var http = new HttpClient { BaseAddress = system.Timeline };
        foreach (var size in sizes)
        {
            figures.Add(await RunAsync(http, size, cancellation));
            var newest = await PostAsync(http, size, cancellation);
            await backlog.DrainAsync(cancellation);
            if (!await IsShownAsync(Population.CrowdUsers.First(), newest, cancellation)) result.Faults.Add($"A follower does not see the post of the author with {size} followers.");
            progress.Add(1);
        }

        result.Tables.Add(Table(figures));
        result.Chart = TextChart.Draw([.. figures.Select(of => (of.Audience.ToString("N0", CultureInfo.InvariantCulture), of.Drained.Percentile(0.5).TotalMilliseconds))], "ms");
        if (figures is [_, .., { Audience: >= TimelinesOptions.Threshold } last] && figures.Find(of => of.Audience >= TimelinesOptions.Threshold) is { } first && first != last)
        {
            result.Summary.Add(new SummaryLine(
                string.Create(CultureInfo.InvariantCulture, $"a post to {last.Audience:N0} followers"),
                $"{ReportTable.Text(last.Drained.Percentile(0.5))}, {last.Processor * 1000:0.0} ms of processor time",
                string.Create(CultureInfo.InvariantCulture, $"{last.Drained.Percentile(0.5) / first.Drained.Percentile(0.5):0.00} × one to {first.Audience:N0}"),
                "flat: no entry pushed",
                last.Entries < 1));
        }

        return result;
    }

    private async Task<AudienceFigures> RunAsync(HttpClient http, int size, CancellationToken cancellation)
    {
        for (var i = 0; i < WarmUpPosts; i++)
        {
            await PostAsync(http, size, cancellation);
            await backlog.DrainAsync(cancellation);
        }

        var posts = Math.Clamp(EntriesWanted / size, LeastPosts, MostPosts);
        var (written, drained) = (new LatencyHistogram(), new LatencyHistogram());
        var commands = await redis.CommandsAsync();
        var before = costs.Begin();
        for (var i = 0; i < posts; i++)
        {
            var began = time.GetTimestamp();
            await PostAsync(http, size, cancellation);
            var answered = time.GetTimestamp();
            written.Record(time.GetElapsedTime(began, answered));
            await backlog.DrainAsync(cancellation);
            drained.Record(time.GetElapsedTime(answered));
        }

        var used = ServerSeconds(costs.Since(before));
        var pushed = (await redis.CommandsAsync()).GetValueOrDefault("rpushx") - commands.GetValueOrDefault("rpushx");

        // One of them is for the author's own timeline, which is not there.
        return new AudienceFigures(size, posts, written, drained, used / posts, Math.Max(0, ((double)pushed / posts) - 1));
    }

    // The bench itself asks all the time whether it is done.
    private static double ServerSeconds(ProcessorSample used) => used.Total - used.ByGroup.GetValueOrDefault(TimelinesSystem.Self);

    private static async Task<long> PostAsync(HttpClient http, int size, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/posts") { Content = JsonContent.Create(new Dictionary<string, string>(StringComparer.Ordinal) { ["text"] = PopulationLoad.TextOf(size) }) };
        request.Headers.Add(InternalHeaders.User, Population.AuthorFor(size).ToString(CultureInfo.InvariantCulture));
        using var answer = await http.SendAsync(request, cancellation);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(cancellation)).GetProperty("id").GetInt64();
    }

    private async Task<bool> IsShownAsync(long user, long post, CancellationToken cancellation)
    {
        var page = await core.Get<TimelinePages>().ReadAsync(user, new PageInput(20, IdInput.End, NodeRead.Primary), cancellation);
        return page.Value.Posts.Exists(shown => shown.Id == post);
    }

    private static ReportTable Table(List<AudienceFigures> figures)
    {
        var table = new ReportTable(
            string.Create(CultureInfo.InvariantCulture, $"A post as its audience grows; from {TimelinesOptions.Threshold:N0} followers on it is merged"),
            "followers", "posts", "POST, p50", "until fanned out, p50", "p90", "entries pushed", "processor time");
        foreach (var of in figures)
        {
            table.Add(
                of.Audience.ToString("N0", CultureInfo.InvariantCulture), of.Posts, of.Written.Percentile(0.5), of.Drained.Percentile(0.5), of.Drained.Percentile(0.9),
                (long)Math.Round(of.Entries), TimeSpan.FromSeconds(of.Processor));
        }

        return table;
    }
}

/// <summary>What a post to such an audience costs.</summary>
/// <param name="Audience">How many followers.</param>
/// <param name="Posts">How many posts.</param>
/// <param name="Written">From the request to its answer.</param>
/// <param name="Drained">From the answer until it is fanned out.</param>
/// <param name="Processor">Processor seconds of all servers for each post, without what they use when idle.</param>
/// <param name="Entries">Entries pushed for each post.</param>
internal sealed record AudienceFigures(int Audience, int Posts, LatencyHistogram Written, LatencyHistogram Drained, double Processor, double Entries);
