using Floodgate.Nodes;
using Floodgate.Problems;
using Floodgate.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Floodgate.TimelineService.PendingPosts;

/// <summary><c>GET /posts/pending/{id}</c>.</summary>
internal static class PendingPostEndpoints
{
    private const string AskAgain = "1";

    public static void AddPendingPosts(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<PendingPostCodec>();
        services.AddSingleton<PrimaryGate>();
        services.AddSingleton<PendingPostQueue>();
        services.AddSingleton<PendingPostStore>();
        services.AddSingleton<PendingPostQueries>();
        services.AddSingleton<PendingPostPublisher>();
        services.AddSingleton<PostIntake>();
        services.AddSingleton<PendingPostWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<PendingPostWatch>());
        services.AddHostedService<PendingPostConsumer>();
        services.AddHostedService<PendingPostMarks>();
    }

    public static void MapPendingPosts(this WebApplication app) => app.MapGet("/posts/pending/{id}", GetAsync);

    /// <summary>202: the post is queued.</summary>
    public static IResult Accepted(PendingPostId id, HttpContext context, PendingPostCodec codec)
    {
        var self = AddressOf(codec.Write(id));
        context.Response.Headers[HeaderNames.RetryAfter] = AskAgain;
        return TypedResults.Accepted(self, new PendingPostStatus(PendingPostStatus.Processing, self));
    }

    private static async Task<IResult> GetAsync(
        string id, HttpContext context, PendingPostCodec codec, PendingPostQueries queries, IOptions<TimelineOptions> options, CancellationToken cancellationToken)
    {
        var caller = context.RequireUser();
        if (!codec.TryRead(id, out var pending) || pending.User != caller)
        {
            return NotFound();
        }

        var read = await queries.FindAsync(pending.Message, context.GetNodeRead(), cancellationToken);
        context.SetReadAt(read);
        var end = read.Value;
        var self = AddressOf(id);
        var headers = context.Response.Headers;
        if (end.PostId is { } post)
        {
            headers[HeaderNames.Location] = $"/posts/{post}";
            return TypedResults.Ok(new PendingPostStatus(PendingPostStatus.Published, self) { Post = end.Post });
        }

        if (end.Refusal is { } refusal)
        {
            return TypedResults.Ok(new PendingPostStatus(PendingPostStatus.Refused, self) { Reason = refusal });
        }

        if (end.DrainedUntil - pending.AcceptedAt <= options.Value.PendingTolerance)
        {
            headers[HeaderNames.RetryAfter] = AskAgain;
            return TypedResults.Ok(new PendingPostStatus(PendingPostStatus.Processing, self));
        }

        // It is not in the queue any more and has not ended, unless it ended so long ago that nobody remembers.
        return end.DrainedUntil - pending.AcceptedAt > options.Value.RequestKeyLifetime
            ? NotFound()
            : TypedResults.Ok(new PendingPostStatus(PendingPostStatus.Lost, self));
    }

    private static string AddressOf(string id) => "/posts/pending/" + id;

    private static ProblemHttpResult NotFound() => Problem.NotFound("There is no such pending post of yours, or it ended long ago.");
}
