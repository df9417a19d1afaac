using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Floodgate.Nodes;
using Floodgate.Sessions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Floodgate.TimelineService.Posts;

/// <summary>One post's likes, and whether the caller likes it.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PostLikes(long Likes, bool Liked);

/// <summary>Likes that were asked for while the posts are read.</summary>
/// <param name="Posts">The posts.</param>
/// <param name="Sent">What Redis was asked for; null where it is not to be asked.</param>
/// <param name="Reading">The likes, where they are being read already; null: what was sent is still to be looked at.</param>
internal sealed record AskedLikes(long[] Posts, SentLikes? Sent, Task<LikesRead>? Reading = null);

/// <summary>Likes and where they were read.</summary>
/// <param name="Posts">The posts.</param>
/// <param name="Likes">Their likes, in their order; null where nobody said.</param>
/// <param name="Position">How far the node was; none where no node was needed.</param>
/// <param name="IsWhole">Whether they are all that were wanted; if not, CounterService was needed and did not answer.</param>
internal sealed record LikesRead(long[] Posts, PostLikes?[] Likes, WalPosition Position, bool IsWhole)
{
    /// <summary>The likes of a post; null where nobody said. Posts are few, and looked for in their order as a rule.</summary>
    /// <param name="post">The post.</param>
    /// <param name="hint">Where it is likely to be.</param>
    public PostLikes? Find(long post, int hint)
    {
        var at = hint < Posts.Length && Posts[hint] == post ? hint : Array.IndexOf(Posts, post);
        return at < 0 ? null : Likes[at];
    }
}

/// <summary>
/// Reads the likes of a page from Redis, and asks CounterService, in one call, for what Redis does not show. Without an answer in time the page goes out
/// without these: omitted, labelled and counted.
/// </summary>
internal sealed class LikesClient(
    ShownLikes shown, IHttpClientFactory clients, LikesBreaker breaker, IOptions<TimelineOptions> options, TimelineMetrics metrics, ILogger<LikesClient> logger)
{
    // What the caller may see and where: the router said it to this service and it holds for CounterService too.
    private static readonly string[] Forwarded = [InternalHeaders.User, InternalHeaders.Node, InternalHeaders.AtLeast, InternalHeaders.PastCaches, InternalHeaders.Timeline];

    /// <summary>Adds the likes to posts, and gives them back.</summary>
    /// <param name="posts">The posts, which nobody else has.</param>
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

        var headers = context.Request.Headers;
        var first = asked is null ? null : await (asked.Reading ?? ReadAsync(asked, headers, WalPosition.None, cancellationToken));
        var missing = NotAsked(posts, asked);
        var second = missing.Length == 0 ? null : await ReadAsync(Ask(missing, headers.FindUser()), headers, WalPosition.None, cancellationToken);

        // Whose like was read from a replica further on than the page must not meet one later that does not have it.
        Raise(context, first);
        Raise(context, second);
        var areMissing = false;
        for (var i = 0; i < posts.Count; i++)
        {
            var post = posts[i];
            var found = first?.Find(post.Id, i) ?? second?.Find(post.Id, i);
            (post.Likes, post.Liked) = (found?.Likes, found?.Liked);
            areMissing |= found is null && (first is { IsWhole: false } || second is { IsWhole: false });
        }

        if (areMissing)
        {
            metrics.Degraded(Degraded.Likes);
            context.MarkDegraded(Degraded.Likes);
        }

        return posts;
    }

    /// <summary>Whether copies are kept now: then what is asked for needs no batch.</summary>
    public bool AreKept => shown.AreKept;

    /// <summary>Asks Redis for likes of posts, which it does before it returns; what it shows is looked at later.</summary>
    /// <param name="posts">The posts.</param>
    /// <param name="user">The caller; null: nobody.</param>
    /// <param name="batch">What is sent at once with it; null: nothing.</param>
    public AskedLikes Ask(long[] posts, long? user, IDatabaseAsync? batch = null) => new(posts, shown.Send(user, posts, batch));

    /// <summary>Reads likes of posts that are still being read.</summary>
    /// <param name="posts">The posts.</param>
    /// <param name="caller">The headers that the router sent with the request.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    public AskedLikes Begin(long[] posts, IHeaderDictionary caller, CancellationToken cancellationToken)
    {
        var asked = Ask(posts, caller.FindUser());
        return asked with { Reading = ReadAsync(asked, caller, WalPosition.None, cancellationToken) };
    }

    /// <summary>Reads the likes of up to 100 posts.</summary>
    /// <param name="posts">The posts.</param>
    /// <param name="caller">The headers that the router sent with the request.</param>
    /// <param name="atLeast">The position to read at, where it is further than the router said; else <see cref="WalPosition.None"/>.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    public async Task<LikesRead> LookAsync(IReadOnlyList<long> posts, IHeaderDictionary caller, WalPosition atLeast, CancellationToken cancellationToken)
    {
        var read = await ReadAsync(Ask([.. posts], caller.FindUser()), caller, atLeast, cancellationToken);
        if (!read.IsWhole)
        {
            metrics.Degraded(Degraded.Likes);
        }

        return read;
    }

    private static long[] NotAsked(IReadOnlyList<Post> posts, AskedLikes? asked)
    {
        var missing = new List<long>(asked is null ? posts.Count : 0);
        foreach (var post in posts)
        {
            if (asked is null || Array.IndexOf(asked.Posts, post.Id) < 0)
            {
                missing.Add(post.Id);
            }
        }

        return [.. missing];
    }

    private static void Raise(HttpContext context, LikesRead? read)
    {
        if (read is not null && read.Position != WalPosition.None)
        {
            context.RaisePosition(read.Position);
        }
    }

    private async Task<LikesRead> ReadAsync(AskedLikes first, IHeaderDictionary caller, WalPosition atLeast, CancellationToken cancellationToken)
    {
        var likes = new PostLikes?[first.Posts.Length];
        var unknown = await shown.FindAsync(first.Sent, first.Posts, likes);
        metrics.LikesWanted(first.Posts.Length - unknown.Count, unknown.Count);
        if (unknown.Count == 0)
        {
            return new LikesRead(first.Posts, likes, WalPosition.None, IsWhole: true);
        }

        if (await AskAsync(unknown, caller, atLeast, cancellationToken) is not { } asked)
        {
            return new LikesRead(first.Posts, likes, WalPosition.None, IsWhole: false);
        }

        for (var i = 0; i < likes.Length; i++)
        {
            likes[i] ??= asked.Likes.TryGetValue(first.Posts[i], out var of) ? of : null;
        }

        return new LikesRead(first.Posts, likes, asked.Position, IsWhole: true);
    }

    // Null where CounterService does not answer in time.
    private async Task<(Dictionary<long, PostLikes> Likes, WalPosition Position)?> AskAsync(IReadOnlyList<long> posts, IHeaderDictionary caller, WalPosition atLeast, CancellationToken cancellationToken)
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
            return (likes ?? [], PositionOf(response));
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
