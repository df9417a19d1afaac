using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using Floodgate.Nodes;
using Floodgate.TimelineService.Caches;
using Floodgate.TimelineService.Outbox;
using Floodgate.TimelineService.Posts;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Floodgate.TimelineService.PendingPosts;

/// <summary>
/// Publishes what was queued, as any other post is, and writes down how it ended. All of it may be repeated: a message that
/// has ended is skipped, and one that had not got that far is recognised by its key.
/// </summary>
internal sealed class PendingPostPublisher(
    PostStore posts, PendingPostStore store, PrimaryGate primary, WriteAnnouncer announcer, OutboxSignal outbox, TimelineMetrics metrics, IOptions<TimelineOptions> options, TimeProvider time,
    ILogger<PendingPostPublisher> logger)
{
    // How often a message failed of itself; only those of the batch that is tried again.
    private readonly ConcurrentDictionary<Guid, int> _failures = new();

    /// <summary>Publishes messages: those of an author in order, authors beside each other.</summary>
    /// <exception cref="Exception">Not all of them have ended: all must be delivered again.</exception>
    public async Task PublishAsync(IReadOnlyList<byte[]> messages, CancellationToken cancellationToken)
    {
        var readable = new List<(PendingPost Post, byte[] Content)>(messages.Count);
        foreach (var content in messages)
        {
            if (PendingPost.TryRead(content, out var post))
            {
                readable.Add((post, content));
            }
            else
            {
                // The same content gives the same id, however often it is delivered.
                await RefuseAsync(new Guid(SHA256.HashData(content).AsSpan(0, 16)), user: null, Refusal.Unreadable, content, cancellationToken);
            }
        }

        var ended = await store.EndedAsync([.. readable.Select(message => message.Post.Id)], cancellationToken);
        await Parallel.ForEachAsync(
            readable.Where(message => !ended.Contains(message.Post.Id)).GroupBy(message => message.Post.User),
            new ParallelOptions { MaxDegreeOfParallelism = options.Value.PendingConcurrency, CancellationToken = cancellationToken },
            async (ofAuthor, token) =>
            {
                foreach (var (post, content) in ofAuthor)
                {
                    await PublishAsync(post, content, token);
                }
            });
        _failures.Clear();
    }

    private async Task PublishAsync(PendingPost post, byte[] content, CancellationToken cancellationToken)
    {
        var parent = ActivityContext.TryParse(post.TraceParent, traceState: null, isRemote: true, out var request) ? request : default;
        using var activity = TimelineMetrics.Source.StartActivity("publish pending post", ActivityKind.Consumer, parent);
        try
        {
            using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limited.CancelAfter(options.Value.WriteTimeout);
            var write = await posts.CreateAsync(post.User, post.Text, post.Key, limited.Token, post.Id);

            // Requests need not wait until one of them has tried.
            primary.Succeeded();
            if (write.Post is { } published)
            {
                await announcer.CreatedAsync(published.ToStored(), write.Outcome == PostOutcome.Done ? write.Told : new(write.Position));
                await store.PublishedAsync(post, published.Id, limited.Token);
                activity?.SetTag("floodgate.post", published.Id);
                metrics.PendingPostPublished(time.GetUtcNow() - post.AcceptedAt, repeated: write.Outcome == PostOutcome.Repeated);
                outbox.Written();
            }
            else
            {
                var refusal = write.Outcome == PostOutcome.NoSuchUser ? Refusal.NoSuchUser : Refusal.KeyUsed;
                await RefuseAsync(post.Id, post.User, refusal, content, limited.Token);
            }
        }
        catch (PostgresException exception) when (IsOfThePost(exception))
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            await RefuseAsync(post.Id, post.User, Refusal.Invalid, content, cancellationToken);
        }
        catch (Exception exception) when (!IsServerAway(exception))
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            if (_failures.AddOrUpdate(post.Id, 1, (_, count) => count + 1) < options.Value.JobAttempts)
            {
                throw;
            }

            await RefuseAsync(post.Id, post.User, Refusal.Failed, content, cancellationToken);
        }
    }

    private async Task RefuseAsync(Guid id, long? user, string reason, byte[] content, CancellationToken cancellationToken)
    {
        await store.RefusedAsync(id, user, reason, content, cancellationToken);
        metrics.PendingPost("refused");
        Log.PendingRefused(logger, id, reason);
    }

    // Class 22: the data; class 23: a constraint (https://www.postgresql.org/docs/current/errcodes-appendix.html). An id that is
    // taken is not the post's fault.
    private static bool IsOfThePost(PostgresException exception) =>
        exception.SqlState != PostgresErrorCodes.UniqueViolation
        && (exception.SqlState.StartsWith("22", StringComparison.Ordinal) || exception.SqlState.StartsWith("23", StringComparison.Ordinal));

    // Of what the server says itself, only connection, rollback, resources, shutdown and read-only mean that it is away: an error of any
    // other class would come again for ever, and block all authors.
    private static bool IsServerAway(Exception exception) => exception is PostgresException postgres
        ? postgres.SqlState[..2] is "08" or "40" or "53" or "57" || postgres.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.LockNotAvailable
        : NodeFailure.Is(exception);
}
