using Floodgate.Nodes;
using Floodgate.Problems;
using Floodgate.Sessions;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;

namespace Floodgate.TimelineService.Streaming;

/// <summary><c>GET /timeline/stream</c>.</summary>
internal static class StreamEndpoint
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    public static async Task<IResult> HandleAsync(
        HttpContext context, StreamPlaceCodec places, StreamSlots slots, ScreenPoll poll, TimelineStream stream, StreamMetrics metrics,
        IOptions<StreamOptions> options, IOptions<JsonOptions> json, TimeProvider time, IHostApplicationLifetime process)
    {
        var user = context.RequireUser();
        var input = StreamInput.Read(context.Request, places);
        switch (slots.Enter(user))
        {
            case Admission.UserIsFull:
                return Problem.TooMany($"One user may have {options.Value.StreamsPerUser} streams open.", RetryAfter);
            case Admission.ProcessIsFull:
                return Problem.Unavailable("As many streams are open as there may be.", RetryAfter);
        }

        try
        {
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, process.ApplicationStopping);
            var missed = await OpenAsync(user, input, context, poll, stopping.Token);
            using var writer = new EventWriter(context, json.Value, options.Value, time, metrics);
            await stream.RunAsync(writer, missed, stopping.Token);
            return Results.Empty;
        }
        finally
        {
            slots.Leave(user);
        }
    }

    // The first look is taken before the answer begins, so that what goes wrong is a problem, and another node can be tried.
    private static async Task<ScreenNews> OpenAsync(long user, StreamInput input, HttpContext context, ScreenPoll poll, CancellationToken cancellationToken)
    {
        var (news, read, withoutLikes) = await poll.OpenAsync(user, input, context, cancellationToken);
        var response = context.Response;
        response.ContentType = "text/event-stream";
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null; // How slow a client may be is said, and counted, by StreamOptions.WriteTimeout alone.
        }

        response.Headers.CacheControl = "no-cache, no-store";
        response.Headers["X-Accel-Buffering"] = "no"; // For proxies that would gather the events otherwise.
        if (read.Position != WalPosition.None)
        {
            context.SetReadAt(read);
            context.SetPosition(poll.Position);
        }

        if (read.Value.WithoutRedis)
        {
            context.MarkDegraded(Degraded.Timelines);
        }

        if (withoutLikes)
        {
            context.MarkDegraded(Degraded.Likes);
        }

        return news;
    }
}
