using System.Globalization;
using System.Text;
using Floodgate.Nodes;
using Floodgate.Sessions;
using Microsoft.Extensions.Options;

namespace Floodgate.TimelineService.Posts;

/// <summary>One post's likes, and whether the caller likes it.</summary>
internal sealed record PostLikes(long Likes, bool Liked);

/// <summary>Likes that were asked for while the posts are read.</summary>
/// <param name="Posts">The posts.</param>
/// <param name="Likes">Their likes.</param>
internal sealed record AskedLikes(long[] Posts, Task<LikesRead> Likes);

/// <summary>Likes and where they were read.</summary>
/// <param name="Likes">The likes, by post.</param>
/// <param name="Position">How far the node was; none where no node was needed.</param>
/// <param name="IsWhole">Whether they are all that were wanted; if not, CounterService was needed and did not answer.</param>
internal sealed record LikesRead(Dictionary<long, PostLikes> Likes, WalPosition Position, bool IsWhole);

/// <summary>
/// Reads the likes of a page from Redis, and asks CounterService, in one call, for what Redis does not show. Without an answer in time the page goes out
/// without these: omitted, labelled and counted.
/// </summary>
internal sealed class LikesClient(
    ShownLikes shown, IHttpClientFactory clients, LikesBreaker breaker, IOptions<TimelineOptions> options, TimelineMetrics metrics, ILogger<LikesClient> logger)
{
    // What the caller may see and where: the router said it to this service and it holds for CounterService too.
    private static readonly string[] Forwarded = [InternalHeaders.User, InternalHeaders.Node, InternalHeaders.AtLeast, InternalHeaders.PastCaches, InternalHeaders.Timeline];

    /// <summary>Adds the likes to posts.</summary>
    /// <param name="posts">The posts.</param>
    /// <param name="context">The request.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    /// <param name="asked">Likes of most of them, which were asked for while the posts were read.</param>
    public async Task<IReadOnlyList<Post>> AddLikesAsync(
        IReadOnlyList<Post> posts, HttpContext context, CancellationToken cancellationToken, AskedLikes? asked = null)
    {
        if (posts.Count == 0)
        {
            return posts;
        }

        var first = asked is null ? null : await asked.Likes;
        var missing = NotAsked(posts, asked);
        var second = missing.Count == 0 ? null : await ReadAsync(missing, context.Request.Headers, WalPosition.None, cancellationToken);
        // Whose like was read from a replica further on than the page must not meet one later that does not have it.
        Raise(context, first);
        Raise(context, second);
        var with = new Post[posts.Count];
        var areMissing = false;
        for (var i = 0; i < with.Length; i++)
        {
            var post = posts[i];
            var found = Find(post.Id, first, second);
            with[i] = found is { } of ? post with { Likes = of.Likes, Liked = of.Liked } : post;
            areMissing |= found is null && (first is { IsWhole: false } || second is { IsWhole: false });
        }

        if (areMissing)
        {
            metrics.Degraded(Degraded.Likes);
            context.MarkDegraded(Degraded.Likes);
        }

        return with;
    }

    /// <summary>Asks for likes of posts that are still being read.</summary>
    public AskedLikes Ask(long[] posts, HttpContext context, CancellationToken cancellationToken) => new(posts, ReadAsync(posts, context.Request.Headers, WalPosition.None, cancellationToken));

    /// <summary>Reads the likes of up to 100 posts.</summary>
    /// <param name="posts">The posts.</param>
    /// <param name="caller">The headers that the router sent with the request.</param>
    /// <param name="atLeast">The position to read at, where it is further than the router said; else <see cref="WalPosition.None"/>.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    public async Task<LikesRead> LookAsync(IReadOnlyList<long> posts, IHeaderDictionary caller, WalPosition atLeast, CancellationToken cancellationToken)
    {
        var read = await ReadAsync(posts, caller, atLeast, cancellationToken);
        if (!read.IsWhole)
        {
            metrics.Degraded(Degraded.Likes);
        }

        return read;
    }

    private static List<long> NotAsked(IReadOnlyList<Post> posts, AskedLikes? asked)
    {
        var missing = new List<long>(asked is null ? posts.Count : 0);
        foreach (var post in posts)
        {
            if (asked is null || Array.IndexOf(asked.Posts, post.Id) < 0)
            {
                missing.Add(post.Id);
            }
        }

        return missing;
    }

    private static void Raise(HttpContext context, LikesRead? read)
    {
        if (read is not null && read.Position != WalPosition.None)
        {
            context.RaisePosition(read.Position);
        }
    }

    private static PostLikes? Find(long post, LikesRead? first, LikesRead? second) =>
        first?.Likes.GetValueOrDefault(post) ?? second?.Likes.GetValueOrDefault(post);

    private async Task<LikesRead> ReadAsync(IReadOnlyList<long> posts, IHeaderDictionary caller, WalPosition atLeast, CancellationToken cancellationToken)
    {
        var likes = new Dictionary<long, PostLikes>(posts.Count);
        var unknown = await shown.FindAsync(caller.FindUser(), posts, likes);
        metrics.LikesWanted(posts.Count - unknown.Count, unknown.Count);
        if (unknown.Count == 0)
        {
            return new LikesRead(likes, WalPosition.None, IsWhole: true);
        }

        if (await AskAsync(unknown, caller, atLeast, cancellationToken) is not { } asked)
        {
            return new LikesRead(likes, WalPosition.None, IsWhole: false);
        }

        foreach (var (post, of) in asked.Likes)
        {
            likes[post] = of;
        }

        return asked with { Likes = likes };
    }

    // Null where CounterService does not answer in time.
    private async Task<LikesRead?> AskAsync(IReadOnlyList<long> posts, IHeaderDictionary caller, WalPosition atLeast, CancellationToken cancellationToken)
    {
        if (breaker.Value.IsResting)
        {
            return null;
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, UriOf(posts));
        foreach (var header in Forwarded)
        {
            if (header == InternalHeaders.AtLeast && atLeast != WalPosition.None)
            {
                request.Headers.TryAddWithoutValidation(header, atLeast.ToString());
            }
            else if (caller.TryGetValue(header, out var values))
            {
                request.Headers.TryAddWithoutValidation(header, values.ToString());
            }
        }

        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(options.Value.LikesTimeout);
        try
        {
            using var response = await clients.CreateClient(Connections.CounterService).SendAsync(request, limited.Token);
            response.EnsureSuccessStatusCode();
            var likes = await response.Content.ReadFromJsonAsync(TimelineJson.Default.DictionaryInt64PostLikes, limited.Token);
            breaker.Value.Succeeded();
            return new LikesRead(likes ?? [], PositionOf(response), IsWhole: true);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is not OutOfMemoryException)
        {
            // Whatever is wrong with CounterService, also an open circuit of the resilience handler: the page is worth more.
            // Once it is known, streams that all go on asking need not say it again.
            if (!breaker.Value.IsTripped)
            {
                Log.CounterAway(logger, exception.Message);
            }

            breaker.Value.Failed();
            return null;
        }
    }

    private static WalPosition PositionOf(HttpResponseMessage likes) =>
        likes.Headers.TryGetValues(InternalHeaders.Position, out var values) && WalPosition.TryParse(values.First(), out var at) ? at : WalPosition.None;

    private static Uri UriOf(IReadOnlyList<long> posts)
    {
        var uri = new StringBuilder("/internal/likes?posts=", 32 + (posts.Count * 17));
        for (var i = 0; i < posts.Count; i++)
        {
            uri.Append(i == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $"{posts[i]}");
        }

        return new Uri(uri.ToString(), UriKind.Relative);
    }
}

/// <summary>Remembers for all requests that CounterService did not answer.</summary>
internal sealed class LikesBreaker(TimeProvider time, IOptions<TimelineOptions> options)
{
    public Breaker Value { get; } = new(time, options.Value.Rest);
}
