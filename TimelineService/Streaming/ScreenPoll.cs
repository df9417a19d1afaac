using Floodgate.Nodes;
using Floodgate.Sessions;
using Floodgate.TimelineService.Posts;
using Microsoft.Extensions.Options;

namespace Floodgate.TimelineService.Streaming;

/// <summary>What a client has to be told.</summary>
/// <param name="IsReset">Whether it missed more than it is sent.</param>
/// <param name="Arrived">Posts it does not have, oldest first.</param>
/// <param name="Edited">Posts on its screen whose text changed.</param>
/// <param name="Likes">Posts on its screen whose likes changed.</param>
/// <param name="Gone">Posts on its screen that are not there any more.</param>
internal sealed record ScreenNews(bool IsReset, List<Post> Arrived, List<Post> Edited, List<LikesData> Likes, List<long> Gone)
{
    public bool IsEmpty => !IsReset && Arrived.Count + Edited.Count + Likes.Count + Gone.Count == 0;
}

/// <summary>Looks for what changed on one client's screen. It reads as a session does that only moves forward.</summary>
internal sealed class ScreenPoll(NewestPosts newest, LikesClient likes, PostgresNodes nodes, IOptions<StreamOptions> options)
{
    private const int LikesAtOnce = 100;
    private const int FailoversToMove = 3;
    private const string NodeBehind = "node-behind";

    private readonly StreamOptions _options = options.Value;
    private Dictionary<long, Shown> _shown = [];
    private Screen _screen = new(0, TimeSpan.Zero);
    private IHeaderDictionary _caller = new HeaderDictionary();
    private NodeRead _where;
    private long _user;
    private int _limit;
    private int _failovers;

    /// <summary>What the client has.</summary>
    public Screen Screen => _screen;

    /// <summary>The furthest position that was read; <see cref="WalPosition.None"/> where nothing came from PostgreSQL.</summary>
    public WalPosition Position { get; private set; }

    /// <summary>Whether the node that the router chose has not served for several looks, so that the router should choose again.</summary>
    public bool ShouldMove => _failovers >= FailoversToMove;

    /// <summary>Reads what is there when the stream begins.</summary>
    /// <returns>What a client that comes back has missed, and where it was read.</returns>
    public async Task<(ScreenNews News, ReadAt<NewestPage> Read, bool WithoutLikes)> OpenAsync(
        long user, StreamInput input, HttpContext context, CancellationToken cancellationToken)
    {
        (_user, _limit, _caller) = (user, input.Limit, context.Request.Headers);
        _where = input.Resume is { } earlier ? context.GetNodeRead(past: earlier.Position) : context.GetNodeRead();
        _screen = new Screen(_limit, _options.Overlap);
        var read = await ReadAsync(input.Resume?.From ?? long.MaxValue, cancellationToken);
        _screen.Begin(read.Value, upTo: input.Resume is { } place ? Screen.HasUpTo(place, read.Value) : long.MaxValue);
        var (news, withoutLikes) = await FindNewsAsync(read.Value, cancellationToken);
        return (input.Resume is null ? news with { Edited = [], Likes = [] } : news, read, withoutLikes);
    }

    /// <summary>Looks for what changed since.</summary>
    public async Task<ScreenNews> PollAsync(CancellationToken cancellationToken)
    {
        var read = await ReadAsync(_screen.ReadDownTo, cancellationToken);
        return (await FindNewsAsync(read.Value, cancellationToken)).News;
    }

    private async Task<ReadAt<NewestPage>> ReadAsync(long downTo, CancellationToken cancellationToken)
    {
        var read = await newest.ReadAsync(_user, _limit, downTo, _where, cancellationToken);
        _failovers = read.Reason is NodeReader.NodeFailed or NodeBehind ? _failovers + 1 : 0;
        if (read.Reason == NodeReader.WriteMayBeLost)
        {
            // What was seen beyond the primary must not be asked for again.
            (_where, Position) = (_where with { AtLeast = read.Position }, read.Position);
        }
        else
        {
            Seen(read.Position);
        }

        return read;
    }

    private void Seen(WalPosition position)
    {
        var history = nodes.View.History;
        Position = history.Furthest(Position, position);
        _where = _where with { AtLeast = history.Furthest(_where.AtLeast, position) };
    }

    private async Task<(ScreenNews News, bool WithoutLikes)> FindNewsAsync(NewestPage found, CancellationToken cancellationToken)
    {
        var (arrived, gone) = _screen.Compare(found);
        var isReset = arrived.Count > _options.MaximumReplay;
        if (isReset)
        {
            _screen.Begin(found, upTo: long.MaxValue);
            (arrived, gone) = ([], []);
        }

        var isNew = arrived.Select(post => post.Id).ToHashSet();
        var onScreen = found.Posts.Take(_limit).Where(post => post.Id > _screen.Floor).ToList();
        var (likesOf, withoutLikes) = await LikesOfAsync([.. onScreen, .. arrived.Where(post => post.Id < (onScreen.Count > 0 ? onScreen[^1].Id : 0))], cancellationToken);
        var shown = new Dictionary<long, Shown>(onScreen.Count);
        var news = new ScreenNews(isReset, [], [], [], gone);
        foreach (var post in arrived)
        {
            news.Arrived.Add(WithLikes(post, likesOf.GetValueOrDefault(post.Id)));
        }

        foreach (var post in onScreen)
        {
            var before = _shown.GetValueOrDefault(post.Id);
            var now = new Shown(likesOf.GetValueOrDefault(post.Id) ?? before.Likes, post.EditedAt);
            shown[post.Id] = now;
            if (isNew.Contains(post.Id) || isReset)
            {
                continue;
            }

            if (now.EditedAt != before.EditedAt)
            {
                news.Edited.Add(WithLikes(post, now.Likes));
            }

            if (now.Likes is { } of && now.Likes != before.Likes)
            {
                news.Likes.Add(new LikesData(post.Id, of.Likes, of.Liked));
            }
        }

        _shown = shown;
        return (news, withoutLikes);
    }

    private async Task<(Dictionary<long, PostLikes?> Likes, bool AreMissing)> LikesOfAsync(List<Post> posts, CancellationToken cancellationToken)
    {
        var all = new Dictionary<long, PostLikes?>(posts.Count);
        foreach (var some in posts.Select(post => post.Id).Chunk(LikesAtOnce))
        {
            var read = await likes.LookAsync(some, _caller, _where.AtLeast, cancellationToken);
            Seen(read.Position);
            for (var i = 0; i < some.Length; i++)
            {
                all[some[i]] = read.Likes[i];
            }

            if (!read.IsWhole)
            {
                // CounterService is waited for once.
                return (all, AreMissing: true);
            }
        }

        return (all, AreMissing: false);
    }

    private static Post WithLikes(Post post, PostLikes? of) => of is { } known ? post with { Likes = known.Likes, Liked = known.Liked } : post;

    private readonly record struct Shown(PostLikes? Likes, DateTime? EditedAt);
}
