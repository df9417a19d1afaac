using StackExchange.Redis;

namespace Floodgate.TimelineService.Posts;

/// <summary>The likes of one page, asked for while its posts are read.</summary>
/// <param name="likes">Reads likes.</param>
/// <param name="user">Who reads the page.</param>
/// <param name="most">How many posts the page has at most. It is made of one more, which only tells that there is a next page.</param>
/// <param name="caller">The headers that the router sent with the request.</param>
/// <param name="cancellationToken">The caller's patience.</param>
internal sealed class PageLikes(LikesClient likes, long user, int most, IHeaderDictionary caller, CancellationToken cancellationToken)
{
    private volatile AskedLikes? _ahead;
    private volatile AskedLikes? _asked;

    /// <summary>What was asked for; null: nothing.</summary>
    public AskedLikes? Asked => _asked;

    /// <summary>Whether copies are kept now: then what is asked for needs no batch.</summary>
    public bool AreKept => likes.AreKept;

    /// <summary>Asks for the likes of posts that may be on the page: at once where copies are kept, and else with what is asked of Redis before.</summary>
    /// <returns>
    /// What adds commands to a batch and gives the last of them; null where none are needed. It may be called on another thread, when the request has ended: so it
    /// looks at nothing of it.
    /// </returns>
    public Func<IDatabaseAsync, Task>? AskAhead(long[] posts)
    {
        if (!likes.AreKept)
        {
            return batch => Last(_ahead = likes.Ask(Shown(posts), user, batch));
        }

        _ahead = likes.Ask(Shown(posts), user);
        return null;
    }

    /// <summary>Whether the likes of these posts have been asked for ahead: then they need not be asked for again.</summary>
    public bool HasAskedAhead(long[] posts)
    {
        if (_ahead is not { } ahead || !AreAmong(ahead.Posts, posts.AsSpan(0, Math.Min(posts.Length, most))))
        {
            return false;
        }

        _asked ??= ahead;
        return true;
    }

    /// <summary>
    /// Asks Redis for the likes of posts that are likely on the page, with what is sent at once. It may be called on another thread, too. It asks once: what comes
    /// to a page because something of it was filtered out is few, and asked for at the end.
    /// </summary>
    /// <returns>The last that was asked.</returns>
    public Task Ask(long[] posts, IDatabaseAsync batch) => Last(_asked ??= likes.Ask(Shown(posts), user, batch));

    /// <summary>The same by itself, where copies are kept.</summary>
    public void AskCopies(long[] posts) => _asked ??= likes.Ask(Shown(posts), user);

    /// <summary>The same by itself; what Redis does not show is asked for at once, too.</summary>
    public void Ask(long[] posts) => _asked ??= likes.Begin(Shown(posts), caller, cancellationToken);

    private long[] Shown(long[] posts) => posts.Length > most ? posts[..most] : posts;

    private static bool AreAmong(ReadOnlySpan<long> asked, ReadOnlySpan<long> posts)
    {
        if (asked.SequenceEqual(posts))
        {
            return true;
        }

        foreach (var post in posts)
        {
            if (!asked.Contains(post))
            {
                return false;
            }
        }

        return true;
    }

    private static Task Last(AskedLikes asked) => asked.Sent?.Last ?? Task.CompletedTask;
}
