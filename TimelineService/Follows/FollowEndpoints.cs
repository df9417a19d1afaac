using Floodgate.Leases;
using Floodgate.Nodes;
using Floodgate.Problems;
using Floodgate.TimelineService.Input;

namespace Floodgate.TimelineService.Follows;

/// <summary><c>PUT</c> and <c>DELETE /users/{id}/following/{other}</c>.</summary>
internal static class FollowEndpoints
{
    private delegate Task<FollowChange> Change(long follower, long followee, CancellationToken cancellationToken);

    private delegate Task Effect(long follower, long followee, CommittedWrite write);

    public static void AddFollows(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<FollowStore>();
        builder.Services.AddSingleton<FollowEffects>();
    }

    public static void MapFollows(this WebApplication app)
    {
        app.MapPut("/users/{id}/following/{other}", (
            string id, string other, HttpContext context, FollowStore follows, FollowEffects effects, CancellationToken cancellationToken) =>
            ChangeAsync(
                id, other, context, follows.FollowAsync, (follower, followee, write) => effects.FollowedAsync(follower, followee, write, cancellationToken),
                cancellationToken));
        app.MapDelete("/users/{id}/following/{other}", (
            string id, string other, HttpContext context, FollowStore follows, FollowEffects effects, CancellationToken cancellationToken) =>
            ChangeAsync(id, other, context, follows.UnfollowAsync, effects.UnfollowedAsync, cancellationToken));
    }

    private static async Task<IResult> ChangeAsync(
        string id, string other, HttpContext context, Change change, Effect effect, CancellationToken cancellationToken)
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

        // A repeat, too, is only acknowledged when everybody knows: the request that wrote may not have got that far.
        await effect(follower, followee, changed.Told ?? new CommittedWrite(changed.Position));
        context.SetPosition(changed.Position);
        return TypedResults.NoContent();
    }
}
