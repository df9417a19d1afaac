using Floodgate.Nodes;
using Floodgate.Sessions;
using Floodgate.TimelineService.Input;
using Floodgate.TimelineService.Oracle;
using Floodgate.TimelineService.Posts;

namespace Floodgate.TimelineService.HomeTimelines;

/// <summary><c>GET /timeline</c>.</summary>
internal static class HomeTimelineEndpoints
{
    public static void AddHomeTimelines(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TimelineStore>();
        builder.Services.AddSingleton<TimelineQueries>();
        builder.Services.AddSingleton<TimelineRebuilder>();
        builder.Services.AddSingleton<TimelineSources>();
        builder.Services.AddSingleton<ReaderPresence>();
        builder.Services.AddSingleton<LastPages>();
        builder.Services.AddSingleton<TimelinePages>();
    }

    public static void MapHomeTimelines(this WebApplication app) => app.MapGet("/timeline", GetAsync);

    private static async Task<IResult> GetAsync(
        HttpContext context, TimelinePages pages, CursorCodec cursors, LikesClient likes, TimelineMetrics metrics, RecentReaders readers,
        CancellationToken cancellationToken)
    {
        var user = context.RequireUser();
        var page = PageInput.Read(context, cursors);
        readers.Note(user);
        var beside = new PageLikes(likes, user, page.Limit, context.Request.Headers, cancellationToken);
        var read = await pages.ReadAsync(user, page, cancellationToken, beside);
        if (read.Value.WithoutRedis)
        {
            metrics.Degraded(Degraded.Timelines);
            context.MarkDegraded(Degraded.Timelines);
        }

        if (read.Position != WalPosition.None)
        {
            // An empty timeline is known from Redis alone, and was read nowhere.
            context.SetReadAt(read);
        }

        return new PageResult(await PageOutput.WriteAsync(read.Value.Posts, page.Limit, read.Position, context, cursors, likes, beside.Asked, cancellationToken));
    }
}
