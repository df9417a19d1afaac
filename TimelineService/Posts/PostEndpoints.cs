using Floodgate.Nodes;
using Floodgate.Posts;
using Floodgate.Problems;
using Floodgate.Redis.Tracking;
using Floodgate.Sessions;
using Floodgate.TimelineService.Caches;
using Floodgate.TimelineService.HomeTimelines;
using Floodgate.TimelineService.Input;
using Floodgate.TimelineService.Outbox;
using Floodgate.TimelineService.PendingPosts;
using Floodgate.VisibleValues;
using Microsoft.Extensions.Options;

namespace Floodgate.TimelineService.Posts;

/// <summary><c>/posts</c> and a user's own posts.</summary>
internal static class PostEndpoints
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private const string NotYours = "Only its author changes a post.";
    private const string NoPost = "There is no such post.";

    public static void AddPosts(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<PostStore>();
        builder.Services.AddSingleton<PostQueries>();
        builder.Services.AddSingleton<AuthorPosts>();
        builder.Services.AddSingleton<LikesBreaker>();
        builder.Services.AddVisibleReads();
        builder.Services.AddLikeCopies(TrackedSettingsOf, static provider => OptionsOf(provider).LikeCopies, static provider => OptionsOf(provider).ReaderLikeCopies);
        builder.Services.AddSingleton<ShownLikes>();
        builder.Services.AddSingleton<LikesClient>();
        builder.Services.AddHttpClient(Connections.CounterService, http => http.BaseAddress = new Uri($"http://{Connections.CounterService}"));
        builder.Services.AddHostedService<PostRequestExpiry>();
    }

    public static void MapPosts(this WebApplication app)
    {
        app.MapPost("/posts", CreateAsync);
        app.MapGet("/posts/{id}", GetAsync);
        app.MapPatch("/posts/{id}", UpdateAsync);
        app.MapDelete("/posts/{id}", DeleteAsync);
        app.MapGet("/users/{id}/posts", OfAuthorAsync);
    }

    // A page may wait for the rest of one question, for its own and for what was changed meanwhile, and then still has time to read without copies.
    private static TrackedSettings TrackedSettingsOf(IServiceProvider provider) => new(
        provider.GetRequiredService<TimeProvider>(), IsOn: OptionsOf(provider).LikeCopies > 0, OptionsOf(provider).RedisTimeout / 5);

    private static TimelineOptions OptionsOf(IServiceProvider provider) => provider.GetRequiredService<IOptions<TimelineOptions>>().Value;

    private static async Task<IResult> CreateAsync(
        PostText body, HttpContext context, PostIntake intake, PendingPostCodec pendings, TimelineStore timelines, WriteAnnouncer announcer, OutboxSignal outbox,
        TimelineMetrics metrics, CancellationToken cancellationToken)
    {
        var author = context.RequireUser();
        var text = PostInput.ReadText(body);
        var taken = await intake.TakeAsync(author, text, PostInput.ReadKey(context.Request), cancellationToken);
        if (taken.Write is not { } write)
        {
            return taken.Pending is { } pending
                ? PendingPostEndpoints.Accepted(pending, context, pendings)
                : Problem.Unavailable(taken.Refusal!, RetryAfter);
        }

        switch (write.Outcome)
        {
            case PostOutcome.NoSuchUser:
                return Problem.Conflict($"There is no user {author} yet: send PUT /users/{author} first.");
            case PostOutcome.OtherRequest:
                return Problem.Conflict("Another post was sent with this Idempotency-Key.");
            case PostOutcome.Done:
                metrics.PostWritten();
                break;
        }

        // The author sees it on the next read, and nobody meets its id before its text. Where Redis does not answer, fan-out puts it there.
        await announcer.CreatedAsync(write.Post!.ToStored(), write.Outcome == PostOutcome.Done ? write.Told : new(write.Position));
        outbox.Written();
        await timelines.TryPushAsync(author, write.Post.Id);
        context.SetPosition(write.Position);
        return TypedResults.Created($"/posts/{write.Post.Id}", write.Post);
    }

    private static async Task<IResult> GetAsync(string id, HttpContext context, PostCache posts, LikesClient likes, CancellationToken cancellationToken)
    {
        var read = await posts.Posts.GetAsync(IdInput.Parse(id, "id"), context.GetNodeRead(), cancellationToken);
        context.SetReadAt(read);
        return read.Value is { Deleted: false } post
            ? TypedResults.Ok((await likes.AddLikesAsync([Post.Of(post)], context, cancellationToken))[0])
            : Problem.NotFound(NoPost);
    }

    private static async Task<IResult> UpdateAsync(
        string id, PostText body, HttpContext context, PostStore posts, WriteAnnouncer announcer, LikesClient likes, CancellationToken cancellationToken)
    {
        var author = context.RequireUser();
        var post = IdInput.Parse(id, "id");
        var write = await posts.UpdateAsync(post, author, PostInput.ReadText(body), cancellationToken);
        context.SetPosition(write.Position);
        if (write.Outcome == PostOutcome.Done)
        {
            await announcer.EditedAsync(write.Post!.ToStored(), write.Told);
        }

        return write.Outcome switch
        {
            PostOutcome.Done => TypedResults.Ok((await likes.AddLikesAsync([write.Post!], context, cancellationToken))[0]),
            PostOutcome.NotTheAuthor => Problem.Forbidden(NotYours),
            _ => Problem.NotFound(NoPost),
        };
    }

    private static async Task<IResult> DeleteAsync(
        string id, HttpContext context, PostStore posts, WriteAnnouncer announcer, CancellationToken cancellationToken)
    {
        var author = context.RequireUser();
        var post = IdInput.Parse(id, "id");
        var write = await posts.DeleteAsync(post, author, cancellationToken);
        context.SetPosition(write.Position);
        if (write.Outcome is PostOutcome.Done or PostOutcome.NoSuchPost)
        {
            await announcer.DeletedAsync(post, author, write.Outcome == PostOutcome.Done ? write.Told : new(write.Position));
        }

        return write.Outcome switch
        {
            PostOutcome.Done => TypedResults.NoContent(),
            PostOutcome.NotTheAuthor => Problem.Forbidden(NotYours),
            _ => Problem.NotFound(NoPost),
        };
    }

    private static async Task<IResult> OfAuthorAsync(
        string id, HttpContext context, AuthorPosts posts, CursorCodec cursors, LikesClient likes, CancellationToken cancellationToken)
    {
        var author = IdInput.Parse(id, "id");
        var page = PageInput.Read(context, cursors);
        var read = await posts.ReadAsync(author, page, cancellationToken);
        context.SetReadAt(read);
        return read.Value is { } found
            ? TypedResults.Ok(await PageOutput.WriteAsync(found, page.Limit, read.Position, context, cursors, likes, asked: null, cancellationToken))
            : Problem.NotFound("There is no such user.");
    }
}
