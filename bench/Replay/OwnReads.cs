using System.Globalization;
using Floodgate.Bench.Gateway;
using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.Replay;

/// <summary>Looks, in the session that wrote, whether the write is there. Safe for concurrent use by different sessions.</summary>
internal sealed class OwnReads(GatewayClient client)
{
    // A user whose followees post much at this moment finds its own post on a later page.
    private const int MostPages = 10;

    private readonly Tally _posts = new("own post on the home timeline");
    private readonly Tally _likes = new("own like on the post");
    private readonly Tally _kept = new("earlier like still on the post");

    /// <summary>The first stale reads.</summary>
    public NotedFaults Faults { get; } = new(20);

    /// <summary>Own reads that were answered.</summary>
    public long Made => _posts.Made + _likes.Made + _kept.Made;

    /// <summary>Own reads that did not show the write.</summary>
    public long Stale => _posts.Stale + _likes.Stale + _kept.Stale;

    /// <summary>Own reads that got no answer to judge: none at all, or one that leaves the likes out.</summary>
    public long Unanswered => _posts.Unanswered + _likes.Unanswered + _kept.Unanswered;

    /// <summary>After a post: it must be on the author's home timeline.</summary>
    public async Task CheckPostAsync(UserSession session, long post, CancellationToken cancellation)
    {
        string? cursor = null;
        for (var page = 0; page < MostPages; page++)
        {
            var answer = await HomeTimeline.ReadAsync(client, session, cursor, cancellation);
            if (answer.Value is null)
            {
                _posts.CountUnanswered();
                return;
            }

            if (answer.Value.Items.Any(i => i.Id == post))
            {
                _posts.CountGood();
                return;
            }

            cursor = answer.Value.Next;
            if (cursor is null || answer.Value.Items.Any(i => i.Id < post)) break;
        }

        CountStale(_posts, session, post, "is not on the author's home timeline");
    }

    /// <summary>After a like: the post must show it. So must the post of an earlier like of this session.</summary>
    public async Task CheckLikeAsync(UserSession session, long post, CancellationToken cancellation)
    {
        if (session.LikedPost != 0 && session.LikedPost != post) await CheckLikedAsync(_kept, session, session.LikedPost, cancellation);
        await CheckLikedAsync(_likes, session, post, cancellation);
    }

    /// <summary>The post of an earlier like of this session must still show it.</summary>
    public Task CheckKeptAsync(UserSession session, CancellationToken cancellation) =>
        session.LikedPost == 0 ? Task.CompletedTask : CheckLikedAsync(_kept, session, session.LikedPost, cancellation);

    /// <summary>The table of the checks.</summary>
    public ReportTable ToTable()
    {
        var table = new ReportTable("Own reads in the session that wrote", "what must be there", "checked", "stale", "not answered or left out");
        foreach (var tally in (Tally[])[_posts, _likes, _kept]) table.Add(tally.Name, tally.Made, tally.Stale, tally.Unanswered);
        return table;
    }

    private async Task CheckLikedAsync(Tally tally, UserSession session, long post, CancellationToken cancellation)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/posts/{post}");
        var call = new GatewayCall(CallKind.ReadPost, HttpMethod.Get, path) { Session = session };
        var answer = await client.CallAsync(call, GatewayJson.Default.PostAnswer, cancellation);

        // A post that is not there for a session that has liked it is as stale as one without the like.
        if (answer.Status == 404) CountStale(tally, session, post, "is not found by one who liked it");
        else if (answer.Value is not { Liked: { } liked } shown) tally.CountUnanswered(); // likes are left out while they cannot be had
        else if (!liked) CountStale(tally, session, post, "does not show the caller's like");
        else if (shown.Likes < 1) CountStale(tally, session, post, "shows no like at all, though the caller's");
        else tally.CountGood();
    }

    private void CountStale(Tally tally, UserSession session, long post, string what)
    {
        tally.CountStale();
        Faults.Note(string.Create(CultureInfo.InvariantCulture, $"user {session.User}: post {post} {what}"));
    }

    private sealed class Tally(string name)
    {
        private long _made;
        private long _stale;
        private long _unanswered;

        public string Name => name;

        public long Made => Volatile.Read(ref _made);

        public long Stale => Volatile.Read(ref _stale);

        public long Unanswered => Volatile.Read(ref _unanswered);

        public void CountGood() => Interlocked.Increment(ref _made);

        public void CountStale()
        {
            Interlocked.Increment(ref _stale);
            Interlocked.Increment(ref _made);
        }

        public void CountUnanswered() => Interlocked.Increment(ref _unanswered);
    }
}
