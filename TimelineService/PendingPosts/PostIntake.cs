using System.Diagnostics;
using Floodgate.Messaging;
using Floodgate.Nodes;
using Floodgate.Sessions;
using Floodgate.TimelineService.Posts;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Floodgate.TimelineService.PendingPosts;

/// <summary>
/// Takes new posts: writes them, or queues them where the primary takes no writes. Only what is known not to be written is
/// queued, or what has an Idempotency-Key, by which a second copy is recognised.
/// </summary>
internal sealed class PostIntake(
    PostStore posts, PrimaryGate primary, PendingPostQueue queue, TimelineMetrics metrics, IOptions<TimelineOptions> options, TimeProvider time,
    ILogger<PostIntake> logger)
{
    /// <summary>Takes a post.</summary>
    /// <param name="author">The author.</param>
    /// <param name="text">A valid text.</param>
    /// <param name="key">The Idempotency-Key, or null.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    public async Task<TakenPost> TakeAsync(long author, string text, string? key, CancellationToken cancellationToken)
    {
        if (!primary.TryEnter(out var alone))
        {
            return await QueueAsync(author, text, key, isUncertain: false, cancellationToken);
        }

        using var timer = new CancellationTokenSource(options.Value.WriteTimeout, time);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            // A server that hangs does not answer the client's own cancellation either, so it is not waited for.
            var write = await posts.CreateAsync(author, text, key, limited.Token).WaitAsync(limited.Token);
            primary.Succeeded();
            return TakenPost.Written(write);
        }
        catch (NodeUnavailableException exception)
        {
            primary.Failed(exception);
            return await QueueAsync(author, text, key, isUncertain: false, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && IsUncertain(exception))
        {
            primary.Failed(exception);
            return key is null
                ? TakenPost.Unavailable("The primary did not answer. The post may have been published; with an Idempotency-Key a repeat is harmless.")
                : await QueueAsync(author, text, key, isUncertain: true, cancellationToken);
        }
        finally
        {
            primary.Leave(alone);
        }
    }

    private async Task<TakenPost> QueueAsync(long author, string text, string? key, bool isUncertain, CancellationToken cancellationToken)
    {
        if (options.Value.WhenPrimaryIsDown == PrimaryDown.Refuse)
        {
            return TakenPost.Unavailable(isUncertain
                ? "The primary did not answer. The post may have been published; repeat it with the same Idempotency-Key."
                : "The primary takes no writes now. The post was not published.");
        }

        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var post = new PendingPost(id, author, text, key ?? PendingPost.KeyOf(id), now, Activity.Current?.Id);
        using var timer = new CancellationTokenSource(options.Value.QueueTimeout, time);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await queue.PublishAsync(post, limited.Token);
            metrics.PendingPost("queued");
            return TakenPost.Queued(new PendingPostId(author, id, now));
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is PublishUnconfirmedException or OperationCanceledException)
        {
            metrics.PendingPost("unconfirmed");
            Log.PendingNotQueued(logger, exception.Message);
            return TakenPost.Unavailable(exception is PublishUnconfirmedException { Refused: true } && !isUncertain
                ? "The primary takes no writes now, and too many posts wait for it already. The post was not published."
                : "Neither the primary nor the broker answers. The post may be published later; with an Idempotency-Key a repeat is harmless.");
        }
    }

    // The connection broke, the server was shut down, or the time is up: between the write and its answer anything may have
    // happened. Another error of the server is one of the statement, which wrote nothing.
    private static bool IsUncertain(Exception exception) => exception switch
    {
        PostgresException postgres => postgres.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown,
        _ when NodeFailure.Is(exception) => true,
        _ => false,
    };
}

/// <summary>What became of a new post: one of the three is set.</summary>
/// <param name="Write">It was written, or the database said why not.</param>
/// <param name="Pending">It was queued.</param>
/// <param name="Refusal">It was not taken, for this reason.</param>
internal readonly record struct TakenPost(PostWrite? Write, PendingPostId? Pending, string? Refusal)
{
    public static TakenPost Written(PostWrite write) => new(write, null, null);

    public static TakenPost Queued(PendingPostId id) => new(null, id, null);

    public static TakenPost Unavailable(string reason) => new(null, null, reason);
}
