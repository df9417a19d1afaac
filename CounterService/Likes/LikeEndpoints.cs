using System.Text.Json.Serialization;
using Floodgate.CounterService.Coalescing;
using Floodgate.CounterService.Hosting;
using Floodgate.Nodes;
using Floodgate.Problems;

namespace Floodgate.CounterService.Likes;

/// <summary>The answer to a like. <c>likes</c> is absent while Redis is away.</summary>
internal sealed record LikeAnswer([property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Likes, bool Liked);

/// <summary><c>PUT</c> and <c>DELETE /posts/{id}/like</c>.</summary>
internal static class LikeEndpoints
{
    public static void MapLikes(this IEndpointRouteBuilder app)
    {
        app.MapPut("/posts/{id}/like", (HttpContext context, string id, PostLookup posts, LikeWrites likes) =>
            SetAsync(context, id, posts, likes, liked: true));
        app.MapDelete("/posts/{id}/like", (HttpContext context, string id, PostLookup posts, LikeWrites likes) =>
            SetAsync(context, id, posts, likes, liked: false));
    }

    private static async Task<IResult> SetAsync(HttpContext context, string id, PostLookup posts, LikeWrites likes, bool liked)
    {
        var user = context.RequireUser();
        if (!Ids.TryParse(id, out var post))
        {
            return Problem.Invalid("id", Ids.Rule);
        }

        if (await posts.FindAsync(post) is not { } seen)
        {
            return Problem.NotFound($"There is no post {post}.");
        }

        context.SetPosition(seen);

        var result = await likes.SetAsync(user, post, liked);
        return result.Status == WriteStatus.Durable
            ? TypedResults.Json(new LikeAnswer(result.Likes, liked), CounterJson.Default.LikeAnswer)
            : WriteProblem.Of(result.Status, result.RetryAfter);
    }
}
