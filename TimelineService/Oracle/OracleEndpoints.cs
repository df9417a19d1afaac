using System.Globalization;
using Floodgate.Leases;
using Floodgate.Nodes;
using Floodgate.Problems;
using Floodgate.TimelineService.FanOut;
using Floodgate.TimelineService.HomeTimelines;
using Floodgate.TimelineService.Input;
using Floodgate.TimelineService.PendingPosts;
using Floodgate.TimelineService.Streaming;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Floodgate.TimelineService.Oracle;

/// <summary>What the truth is and whether everything is done: for tests, the replay and <c>/status</c>.</summary>
internal static class OracleEndpoints
{
    private const int DefaultLimit = 100;
    private const int MaximumLimit = 10_000;

    public static void AddOracle(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<BacklogProbe>();
        builder.AddSampledOracle();
    }

    public static void MapOracle(this WebApplication app)
    {
        app.MapGet("/internal/oracle/timeline/{user}", TimelineAsync);
        app.MapGet("/internal/oracle/backlog", async (BacklogProbe probe, CancellationToken cancellationToken) =>
            TypedResults.Ok(await probe.BacklogAsync(cancellationToken)));
        app.MapGet("/internal/oracle/samples", (OracleTotals totals) => TypedResults.Ok(totals.Report()));
        app.MapGet("/internal/status", StatusAsync);
    }

    private static async Task<IResult> TimelineAsync(string user, string? limit, HttpContext context, TimelineQueries timelines, CancellationToken cancellationToken)
    {
        var count = DefaultLimit;
        if (limit is not null && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out count) || count is < 1 or > MaximumLimit))
        {
            return Problem.Invalid("limit", "This must be a whole number from 1 to 10000.");
        }

        var read = await timelines.IdsAsync(IdInput.Parse(user, "user"), IdInput.End, count, NodeRead.Primary, cancellationToken);
        context.SetReadAt(read);
        return TypedResults.Ok(new TimelineIds(read.Value));
    }

    private static async Task<Ok<Status>> StatusAsync(
        BacklogProbe probe, OpenJobs open, TimelineMetrics metrics, PendingPostWatch pending, LeaseCaches caches, OracleTotals oracle,
        StreamSlots slots, StreamMetrics streams, CancellationToken cancellationToken)
    {
        var asked = probe.QueuesAsync(cancellationToken);
        var outbox = await probe.TryOutboxAsync(cancellationToken);
        return TypedResults.Ok(new Status(
            outbox?.Rows, outbox?.AgeSeconds, await asked, await open.CountAsync(), metrics.Pushed, metrics.Rebuilt,
            new PendingPart(pending.Depth, Math.Round(pending.Age.TotalSeconds, 1), metrics.PendingPublished),
            new RoutingPart(Math.Round(metrics.Behind, 1), metrics.Threshold, metrics.OpenRanges, metrics.AllRanges - metrics.OpenRanges), caches.Figures,
            oracle.Report(), new StreamsPart(slots.Open, streams.Sent, streams.Dropped)));
    }
}
