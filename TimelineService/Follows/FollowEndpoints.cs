using Floodgate.Nodes;
using Floodgate.Problems;
using Floodgate.TimelineService.HomeTimelines;
using Floodgate.TimelineService.Input;
using Floodgate.TimelineService.Outbox;

namespace Floodgate.TimelineService.Follows;

/// <summary><c>PUT</c> and <c>DELETE /users/{id}/following/{other}</c>.</summary>
internal static class FollowEndpoints
{
    private delegate Task<FollowChange> Change(long follower, long followee, CancellationToken cancellationToken);

    public static void AddFollows(this WebApplicationBuilder builder) => builder.Services.AddSingleton<FollowStore>();

    public static void MapFollows(this WebApplication app)
    {
        app.MapPut("/users/{id}/following/{other}", (
            string id, string other, HttpContext context, FollowStore follows, TimelineStore timelines, OutboxSignal outbox, CancellationToken cancellationToken) =>
            ChangeAsync(id, other, context, follows.FollowAsync, timelines, outbox, cancellationToken));
        app.MapDelete("/users/{id}/following/{other}", (
            string id, string other, HttpContext context, FollowStore follows, TimelineStore timelines, OutboxSignal outbox, CancellationToken cancellationToken) =>
            ChangeAsync(id, other, context, follows.UnfollowAsync, timelines, outbox, cancellationToken));
    }

    private static async Task<IResult> ChangeAsync(
        string id, string other, HttpContext context, Change change, TimelineStore timelines, OutboxSignal outbox, CancellationToken cancellationToken)
    {
        var caller = context.RequireUser();
        var (follower, followee) = (IdInput.Parse(id, "id"), IdInput.Parse(other, "other"));
        if (follower != caller)
        {
            return Problem.Forbidden("A caller writes only its own follows.");
        }

        if (follower == followee)
        {
            return Problem.Invalid("other", "Nobody follows themselves.");
        }

        var changed = await change(follower, followee, cancellationToken);
        if (!changed.Exists)
        {
            return Problem.NotFound("One of the two users does not exist.");
        }

        // The timeline was built with other follows. Where Redis does not answer, the outbox row stays and the relay
        // forgets the timeline later.
        if (changed.OutboxId is { } row && await timelines.TryForgetAsync(follower))
        {
            outbox.Done(row);
        }

        context.SetPosition(changed.Position);
        return TypedResults.NoContent();
    }
}
