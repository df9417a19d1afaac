using System.Globalization;
using System.Text;
using Floodgate.Nodes;
using Floodgate.Sessions;
using Microsoft.Extensions.Options;

namespace Floodgate.TimelineService.Posts;

/// <summary>One post's likes, as CounterService tells them.</summary>
internal sealed record PostLikes(long Likes, bool Liked);

/// <summary>
/// Asks CounterService for the likes of a page, in one call. Without an answer in time the page goes out without likes:
/// omitted, labelled and counted.
/// </summary>
internal sealed class LikesClient(HttpClient http, LikesBreaker breaker, IOptions<TimelineOptions> options, TimelineMetrics metrics, ILogger<LikesClient> logger)
{
    // What the caller may see and where: the router said it to this service and it holds for CounterService too.
    private static readonly string[] Forwarded = [InternalHeaders.User, InternalHeaders.Node, InternalHeaders.AtLeast, InternalHeaders.Timeline];

    public async Task<IReadOnlyList<Post>> AddLikesAsync(IReadOnlyList<Post> posts, HttpContext context, CancellationToken cancellationToken)
    {
        if (posts.Count == 0)
        {
            return posts;
        }

        var likes = breaker.Value.IsResting ? null : await AskAsync(posts, context, cancellationToken);
        if (likes is null)
        {
            metrics.Degraded(Degraded.Likes);
            context.MarkDegraded(Degraded.Likes);
            return posts;
        }

        return [.. posts.Select(post => likes.TryGetValue(post.Id, out var of) ? post with { Likes = of.Likes, Liked = of.Liked } : post)];
    }

    private async Task<Dictionary<long, PostLikes>?> AskAsync(IReadOnlyList<Post> posts, HttpContext context, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, UriOf(posts));
        foreach (var header in Forwarded)
        {
            if (context.Request.Headers.TryGetValue(header, out var values))
            {
                request.Headers.TryAddWithoutValidation(header, values.ToString());
            }
        }

        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(options.Value.LikesTimeout);
        try
        {
            using var response = await http.SendAsync(request, limited.Token);
            response.EnsureSuccessStatusCode();
            var likes = await response.Content.ReadFromJsonAsync(TimelineJson.Default.DictionaryInt64PostLikes, limited.Token);
            breaker.Value.Succeeded();
            RaisePosition(context, response);
            return likes;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && exception is not OutOfMemoryException)
        {
            // Whatever is wrong with CounterService, also an open circuit of the resilience handler: the page is worth more.
            breaker.Value.Failed();
            Log.CounterAway(logger, exception.Message);
            return null;
        }
    }

    // Whose like was read from a replica further on than the page must not meet one later that does not have it.
    private static void RaisePosition(HttpContext context, HttpResponseMessage likes)
    {
        if (likes.Headers.TryGetValues(InternalHeaders.Position, out var values) && WalPosition.TryParse(values.First(), out var at))
        {
            context.RaisePosition(at);
        }
    }

    private static Uri UriOf(IReadOnlyList<Post> posts)
    {
        var uri = new StringBuilder("/internal/likes?posts=", 32 + (posts.Count * 17));
        for (var i = 0; i < posts.Count; i++)
        {
            uri.Append(i == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $"{posts[i].Id}");
        }

        return new Uri(uri.ToString(), UriKind.Relative);
    }
}

/// <summary>Remembers for all requests that CounterService did not answer.</summary>
internal sealed class LikesBreaker(TimeProvider time, IOptions<TimelineOptions> options)
{
    public Breaker Value { get; } = new(time, options.Value.Rest);
}
