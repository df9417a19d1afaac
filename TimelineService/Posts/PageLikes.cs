using StackExchange.Redis;

namespace Floodgate.TimelineService.Posts;

/// <summary>The likes of one page, asked for while its posts are read.</summary>
/// <param name="likes">Reads likes.</param>
/// <param name="user">Who reads the page.</param>
/// <param name="caller">The headers that the router sent with the request.</param>
/// <param name="cancellationToken">The caller's patience.</param>
internal sealed class PageLikes(LikesClient likes, long user, IHeaderDictionary caller, CancellationToken cancellationToken)
{
    private volatile AskedLikes? _ahead;
    private volatile AskedLikes? _asked;

    /// <summary>What was asked for; null: nothing.</summary>
    public AskedLikes? Asked => _asked ?? _ahead;

    /// <summary>Asks Redis for the likes of posts that may be on the page. It may be called on another thread, when the request has ended: so it looks at nothing of it.</summary>
    /// <returns>The last that was asked.</returns>
    public Task AskAhead(long[] posts, IDatabaseAsync batch) => Last(_ahead = likes.Ask(posts, user, batch));

    /// <summary>Whether the likes of all of these posts have been asked for ahead.</summary>
    public bool HasAskedAhead(long[] posts)
    {
        if (_ahead is not { } ahead)
        {
            return false;
        }

        return ahead.Posts.AsSpan().SequenceEqual(posts) || Array.TrueForAll(posts, post => Array.IndexOf(ahead.Posts, post) >= 0);
    }

    /// <summary>Asks Redis for the likes of posts that are likely on the page, with what is sent at once. It may be called on another thread, too.</summary>
    /// <returns>The last that was asked.</returns>
    public Task Ask(long[] posts, IDatabaseAsync batch) => Last(_asked = likes.Ask(posts, user, batch));

    /// <summary>The same by itself.</summary>
    public void Ask(long[] posts) => _asked = likes.Begin(posts, caller, cancellationToken);

    private static Task Last(AskedLikes asked) => asked.Sent?.Last ?? Task.CompletedTask;
}
