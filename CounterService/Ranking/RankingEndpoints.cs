using System.Globalization;
using Floodgate.CounterService.Hosting;
using Floodgate.Messaging.Counters;
using Floodgate.Problems;

namespace Floodgate.CounterService.Ranking;

/// <summary>The answer to <c>top</c>.</summary>
/// <param name="Since">From when on is counted: the window, rounded down to whole buckets.</param>
/// <param name="Items">The counters, most first.</param>
internal sealed record TopAnswer(DateTimeOffset Since, IReadOnlyList<RankedCounter> Items);

/// <summary>The answer to <c>history</c>.</summary>
/// <param name="BucketSeconds">How long a bucket is.</param>
/// <param name="Items">The buckets of the window without a gap, oldest first.</param>
internal sealed record HistoryAnswer(int BucketSeconds, IReadOnlyList<CounterBucket> Items);

/// <summary>
/// <c>GET /counters/{name}/top?window=1h&amp;k=20</c> and <c>GET /counters/{name}/{key}/history?window=3h</c>. The likes of
/// posts are the counters named <c>@likes</c>, their keys the posts' ids.
/// </summary>
internal static class RankingEndpoints
{
    private const int DefaultItems = 20;
    private const string NameRule = "It has 1 to 200 letters, digits and -_.: characters, or is " + CounterId.LikesName + ".";

    public static void MapRanking(this IEndpointRouteBuilder app)
    {
        app.MapGet("/counters/{name}/top", TopAsync);
        app.MapGet("/counters/{name}/{key}/history", HistoryAsync);
    }

    private static async Task<IResult> TopAsync(string name, string? window, string? k, TopCounters top)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        CheckName(name, errors);
        var asked = CheckWindow(window, errors);
        var most = DefaultItems;
        if (k is not null && !(int.TryParse(k, NumberStyles.None, CultureInfo.InvariantCulture, out most) && most is > 0 and <= TopCounters.Most))
        {
            errors.Add("k", [$"It is a number from 1 to {TopCounters.Most}."]);
        }

        if (errors.Count > 0)
        {
            return Problem.Invalid(errors);
        }

        var ranking = await top.GetAsync(name, asked);
        return TypedResults.Json(
            new TopAnswer(ranking.Since, [.. ranking.Items.Take(most)]), CounterJson.Default.TopAnswer);
    }

    private static async Task<IResult> HistoryAsync(string name, string key, string? window, BucketStore store, TimeProvider time)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        CheckName(name, errors);
        if (!CounterId.IsPublic(key))
        {
            errors.Add("key", [CounterId.PublicRule]);
        }

        var asked = CheckWindow(window, errors);
        if (errors.Count > 0)
        {
            return Problem.Invalid(errors);
        }

        var now = time.GetUtcNow();
        var since = asked.Since(now);
        var found = (await store.HistoryAsync(new CounterId(name, key), since, asked.Bucket)).ToDictionary(of => of.Start, of => of.Value);
        var buckets = new List<CounterBucket>();
        for (var start = since; start <= now; start += asked.Bucket)
        {
            buckets.Add(new CounterBucket(start, found.GetValueOrDefault(start)));
        }

        return TypedResults.Json(new HistoryAnswer((int)asked.Bucket.TotalSeconds, buckets), CounterJson.Default.HistoryAnswer);
    }

    private static void CheckName(string name, Dictionary<string, string[]> errors)
    {
        if (!CounterId.IsPublic(name) && name != CounterId.LikesName)
        {
            errors.Add("name", [NameRule]);
        }
    }

    private static TimeWindow CheckWindow(string? text, Dictionary<string, string[]> errors)
    {
        if (!TimeWindow.TryParse(text, out var window))
        {
            errors.Add("window", [TimeWindow.Rule]);
        }

        return window;
    }
}
