using Floodgate.Redis.Tracking;
using Floodgate.VisibleValues.Likes;

namespace Floodgate.UnitTests.Redis.Tracking;

public sealed class TrackedSessionTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly ManualClock _clock = new();
    private readonly TrackingServer _server = new();
    private readonly TrackedKind<long, LikeCount> _counts;
    private readonly TrackedKind<ReaderPosts, SeenReactions> _readers;
    private readonly Task _running;

    public TrackedSessionTests()
    {
        var metrics = new TrackedMetrics(new NoMeters());
        _counts = new TrackedKind<long, LikeCount>(new LikeCountCodec(), 3, metrics);
        _readers = new TrackedKind<ReaderPosts, SeenReactions>(new SeenReactionsCodec(), 3, metrics);
        _running = new TrackedSession(_server.Connection, [_counts, _readers], new TrackedSettings(_clock, IsOn: true, Patience), metrics).RunAsync(CancellationToken.None);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task What_was_read_is_not_read_again_but_it_is_asked_whether_it_was_changed()
    {
        await KeepAsync(1, 5);

        var asked = AskAsync(1);
        Assert.Equal("PING", await _server.CommandAsync());
        Assert.False(asked.IsCompleted);
        await _server.SayAsync("+PONG");

        Assert.Equal([5], await asked);
    }

    [Fact]
    public async Task What_was_changed_before_the_answer_is_read_again()
    {
        await KeepAsync(1, 5);

        var asked = AskAsync(1);
        Assert.Equal("PING", await _server.CommandAsync());
        await _server.SayAsync(Changed(1), "+PONG");
        Assert.Equal("MGET ctv:{@likes/1}", await _server.CommandAsync());
        await _server.SayAsync(Values(6));

        Assert.Equal([6], await asked);
    }

    [Fact]
    public async Task What_was_changed_behind_the_answer_is_read_by_who_comes_later()
    {
        await KeepAsync(1, 5);

        var asked = AskAsync(1);
        Assert.Equal("PING", await _server.CommandAsync());
        await _server.SayAsync("+PONG", Changed(1));
        Assert.Equal([5], await asked);

        // Heard of by the next who asks, at the latest with the answer.
        var later = AskAsync(1);
        var command = await _server.CommandAsync();
        if (command == "PING")
        {
            await _server.SayAsync("+PONG");
            command = await _server.CommandAsync();
        }

        Assert.Equal("MGET ctv:{@likes/1}", command);
        await _server.SayAsync(Values(6));
        Assert.Equal([6], await later);
    }

    [Fact]
    public async Task What_was_changed_right_behind_its_own_read_is_as_it_was_read_for_who_asked_and_for_nobody_else()
    {
        var asked = AskAsync(1);
        Assert.Equal("MGET ctv:{@likes/1}", await _server.CommandAsync());
        await _server.SayAsync(Values(5), Changed(1));
        Assert.Equal([5], await asked);
        await ChangesAreHeardAsync();

        var later = AskAsync(1);
        Assert.Equal("MGET ctv:{@likes/1}", await _server.CommandAsync());
        await _server.SayAsync(Values(6));
        Assert.Equal([6], await later);
    }

    [Fact]
    public async Task Nobody_shares_a_question_that_was_sent_before_and_all_share_the_next()
    {
        await KeepAsync(1, 5);
        var first = AskAsync(1);
        Assert.Equal("PING", await _server.CommandAsync());

        Task<long?[]?>[] later = [AskAsync(1), AskAsync(1, 2), AskAsync(2)];
        await _server.SayAsync("+PONG");
        Assert.Equal([5], await first);
        Assert.DoesNotContain(later, one => one.IsCompleted);

        Assert.Equal("MGET ctv:{@likes/2}", await _server.CommandAsync());
        await _server.SayAsync(Values(7));
        Assert.Equal([5], await later[0]);
        Assert.Equal([5, 7], await later[1]);
        Assert.Equal([7], await later[2]);

        // Nothing else was sent.
        var next = AskAsync(2);
        Assert.Equal("PING", await _server.CommandAsync());
        await _server.SayAsync("+PONG");
        Assert.Equal([7], await next);
    }

    [Fact]
    public async Task What_was_changed_a_moment_ago_is_read_along()
    {
        await KeepAsync(1, 5);
        await _server.SayAsync(Changed(1));
        await ChangesAreHeardAsync();
        await KeepAsync(1, 6);

        await KeepAsync(1, 6);
        _clock.Advance(TrackedPart<long, LikeCount>.ChangesFor);

        var asked = AskAsync(1);
        Assert.Equal("PING", await _server.CommandAsync());
        await _server.SayAsync("+PONG");
        Assert.Equal([6], await asked);
    }

    [Fact]
    public async Task After_all_was_flushed_all_is_read_again()
    {
        await KeepAsync(1, 5);

        var asked = AskAsync(1);
        Assert.Equal("PING", await _server.CommandAsync());
        await _server.SayAsync(">2 $10 invalidate _", "+PONG");
        Assert.Equal("MGET ctv:{@likes/1}", await _server.CommandAsync());
        await _server.SayAsync(Values((long?)null));

        Assert.Equal([null], await asked);
    }

    [Fact]
    public async Task A_copy_that_was_forgotten_for_want_of_room_is_not_believed_by_who_found_it_before()
    {
        await KeepAsync(1, 5);
        await KeepAsync(2, 5);
        await KeepAsync(3, 5);

        // Who is under way lets the others find the copies before they are forgotten.
        var first = AskAsync(1);
        Assert.Equal("PING", await _server.CommandAsync());
        var (held, more) = (AskAsync(1), AskAsync(4));
        await _server.SayAsync("+PONG");
        Assert.Equal([5], await first);

        // It is changed when nobody looks after its copy any more.
        Assert.Equal("MGET ctv:{@likes/4}", await _server.CommandAsync());
        await _server.SayAsync(Values(9), Changed(1));
        Assert.Equal([9], await more);
        Assert.Equal("MGET ctv:{@likes/1}", await _server.CommandAsync());
        await _server.SayAsync(Values(6));
        Assert.Equal([6], await held);
        Assert.Equal(2, _counts.Count);
    }

    [Fact]
    public async Task Other_posts_of_the_same_reader_are_asked_for_also_where_two_ask_at_once()
    {
        var first = LikedAsync(7, 1, 2);
        Assert.Equal("HMGET lk:{7} g c f 1 2", await _server.CommandAsync());
        await _server.SayAsync(TrackingServer.Values("1:g", "0", null, "3:1", null));
        Assert.Equal([true, false], await first);

        var again = LikedAsync(7, 1, 2);
        Assert.Equal("PING", await _server.CommandAsync());
        var (second, third) = (LikedAsync(7, 2), LikedAsync(7, 3));
        await _server.SayAsync("+PONG");
        Assert.Equal([true, false], await again);

        Assert.Equal("HMGET lk:{7} g c f 2", await _server.CommandAsync());
        await _server.SayAsync(TrackingServer.Values("1:g", "0", null, null));
        Assert.Equal([false], await second);
        Assert.Equal("HMGET lk:{7} g c f 3", await _server.CommandAsync());
        await _server.SayAsync(TrackingServer.Values("1:g", "0", null, "4:1"));
        Assert.Equal([true], await third);
    }

    [Fact]
    public async Task A_reaction_that_changed_is_read_again_whatever_of_the_reader_is_kept()
    {
        var first = LikedAsync(7, 1);
        Assert.Equal("HMGET lk:{7} g c f 1", await _server.CommandAsync());
        await _server.SayAsync(TrackingServer.Values("1:g", "0", null, null));
        Assert.Equal([false], await first);

        // Found by one who waits; then replaced by another page of the same reader; then changed.
        var under = AskAsync();
        Assert.Equal("PING", await _server.CommandAsync());
        var held = LikedAsync(7, 1);
        var other = LikedAsync(7, 2);
        await _server.SayAsync("+PONG");
        await under;
        Assert.Equal("HMGET lk:{7} g c f 2", await _server.CommandAsync());
        await _server.SayAsync(TrackingServer.Values("1:g", "0", null, null), TrackingServer.Changed("lk:{7}"));
        Assert.Equal([false], await other);

        Assert.Equal("HMGET lk:{7} g c f 1", await _server.CommandAsync());
        await _server.SayAsync(TrackingServer.Values("1:g", "0", null, "5:1"));
        Assert.Equal([true], await held);
    }

    [Fact]
    public async Task Who_waits_when_the_connection_is_lost_knows_nothing_and_nobody_can_ask_any_more()
    {
        var first = AskAsync(1);
        await _server.CommandAsync();
        var second = AskAsync(2);

        await _server.CloseAsync();

        Assert.Null(await first);
        Assert.Null(await second);
        await Assert.ThrowsAsync<EndOfStreamException>(() => _running);
        Assert.Null(_counts.Ask([1]));
    }

    [Fact]
    public async Task Who_waits_for_a_late_answer_knows_nothing_and_what_is_kept_stays()
    {
        await KeepAsync(1, 5);
        await IsIdleAsync();
        var late = AskAsync(2);
        Assert.Equal("MGET ctv:{@likes/2}", await _server.CommandAsync());
        var next = AskAsync(1);
        await PassAsync(Patience);

        Assert.Null(await late);
        Assert.Null(await next);
        Assert.Null(_counts.Ask([1]));

        // Nobody takes it for the answer to something else.
        await _server.SayAsync(Values(7));
        while (_counts.Ask([1]) is not { } again || !await AnsweredAsync(again))
        {
            await Task.Yield();
        }

        Assert.Equal(2, _counts.Count);

        async Task<bool> AnsweredAsync(TrackedRead<long, LikeCount> again)
        {
            Assert.Equal("PING", await _server.CommandAsync());
            await _server.SayAsync("+PONG");
            Assert.Equal(5, (await again.ValuesAsync())![0]!.Likes);
            return true;
        }
    }

    [Fact]
    public async Task A_Redis_that_does_not_answer_at_all_is_given_up()
    {
        var asked = AskAsync(1);
        await _server.CommandAsync();
        await PassAsync(Patience);
        Assert.Null(await asked);
        Assert.False(_running.IsCompleted);

        await PassAsync(TrackedSession.GiveUpAfter);

        await Assert.ThrowsAnyAsync<IOException>(() => _running);
        Assert.Null(_counts.Ask([1]));
    }

    [Fact]
    public async Task What_Redis_refuses_to_read_nobody_knows_and_the_rest_stays()
    {
        await KeepAsync(1, 5);
        var refused = LikedAsync(7, 1);
        Assert.Equal("HMGET lk:{7} g c f 1", await _server.CommandAsync());
        await _server.SayLineAsync("-WRONGTYPE no");
        Assert.Equal("HMGET lk:{7} g c f 1", await _server.CommandAsync());
        await _server.SayLineAsync("-WRONGTYPE no");
        Assert.Null(await refused);

        var asked = AskAsync(1);
        Assert.Equal("PING", await _server.CommandAsync());
        await _server.SayAsync("+PONG");
        Assert.Equal([5], await asked);
    }

    [Theory]
    [InlineData("*2 $1 1 $1 2")]
    [InlineData("$5 hello")]
    [InlineData("hello")]
    public async Task An_answer_that_is_none_ends_the_connection(string answer)
    {
        var asked = AskAsync(1);
        await _server.CommandAsync();

        await _server.SayAsync(answer);

        await Assert.ThrowsAsync<InvalidDataException>(() => _running);
        Assert.Null(await asked);
    }

    [Fact]
    public async Task What_was_not_asked_for_ends_the_connection()
    {
        await _server.SayAsync("+PONG");

        await Assert.ThrowsAsync<InvalidDataException>(() => _running);
    }

    [Fact]
    public async Task Who_asks_for_more_than_may_wait_is_told_at_once()
    {
        Assert.Null(_counts.Ask([.. Enumerable.Range(1, TrackedSession.MostWanted + 1).Select(post => (long)post)]));

        var asked = AskAsync(1);
        Assert.Equal("MGET ctv:{@likes/1}", await _server.CommandAsync());
        await _server.SayAsync(Values(5));
        Assert.Equal([5], await asked);
    }

    private static string Changed(long post) => TrackingServer.Changed($"ctv:{{@likes/{post}}}");

    private static string Values(params long?[] likes) => TrackingServer.Values(Array.ConvertAll(likes, count => count is null ? null : $"g1|{count}"));

    private async Task KeepAsync(long post, long likes)
    {
        var asked = AskAsync(post);
        Assert.Equal($"MGET ctv:{{@likes/{post}}}", await _server.CommandAsync());
        await _server.SayAsync(Values(likes));
        Assert.Equal([likes], await asked);
    }

    // Nobody waits for the answer to an earlier question any more.
    private async Task IsIdleAsync()
    {
        while (_clock.Waiting > 0)
        {
            await Task.Yield();
        }
    }

    private async Task PassAsync(TimeSpan by)
    {
        while (_clock.Waiting == 0)
        {
            await Task.Yield();
        }

        _clock.Advance(by);
    }

    // Nothing is kept of a post that nobody has: its answer comes behind all that was said before.
    private async Task ChangesAreHeardAsync()
    {
        var asked = AskAsync();
        Assert.Equal("PING", await _server.CommandAsync());
        await _server.SayAsync("+PONG");
        await asked;
    }

    private async Task<long?[]?> AskAsync(params long[] posts) =>
        await _counts.Ask(posts)!.ValuesAsync() is { } values ? Array.ConvertAll(values, value => value?.Likes) : null;

    private async Task<List<bool>?> LikedAsync(long reader, params long[] posts) =>
        await _readers.Ask([new ReaderPosts(reader, posts)])!.ValuesAsync() is [{ } seen] ? [.. seen.PairsAsOf("1:g").Select(pair => pair.Liked)] : null;
}
