using Floodgate.Redis.Tracking;
using Floodgate.VisibleValues.Likes;

namespace Floodgate.UnitTests.Redis.Tracking;

public sealed class TrackedSessionTests : TrackedScene
{
    [Fact]
    public async Task What_was_read_is_not_read_again_but_it_is_asked_whether_it_was_changed()
    {
        await KeepAsync(1, 5);

        var asked = AskAsync(1);
        Assert.Equal("PING", await Server.CommandAsync());
        Assert.False(asked.IsCompleted);
        await Server.SayAsync("+PONG");

        Assert.Equal([5], await asked);
    }

    [Fact]
    public async Task What_was_changed_before_the_answer_is_read_again()
    {
        await KeepAsync(1, 5);

        var asked = AskAsync(1);
        Assert.Equal("PING", await Server.CommandAsync());
        await Server.SayAsync(Changed(1), "+PONG");
        Assert.Equal("MGET ctv:{@likes/1}", await Server.CommandAsync());
        await Server.SayAsync(Values(6));

        Assert.Equal([6], await asked);
    }

    [Fact]
    public async Task What_was_changed_behind_the_answer_is_read_by_who_comes_later()
    {
        await KeepAsync(1, 5);

        var asked = AskAsync(1);
        Assert.Equal("PING", await Server.CommandAsync());
        await Server.SayAsync("+PONG", Changed(1));
        Assert.Equal([5], await asked);

        // Heard of by the next who asks, at the latest with the answer.
        var later = AskAsync(1);
        var command = await Server.CommandAsync();
        if (command == "PING")
        {
            await Server.SayAsync("+PONG");
            command = await Server.CommandAsync();
        }

        Assert.Equal("MGET ctv:{@likes/1}", command);
        await Server.SayAsync(Values(6));
        Assert.Equal([6], await later);
    }

    [Fact]
    public async Task What_was_changed_right_behind_its_own_read_is_as_it_was_read_for_who_asked_and_for_nobody_else()
    {
        var asked = AskAsync(1);
        Assert.Equal("MGET ctv:{@likes/1}", await Server.CommandAsync());
        await Server.SayAsync(Values(5), Changed(1));
        Assert.Equal([5], await asked);
        await ChangesAreHeardAsync();

        var later = AskAsync(1);
        Assert.Equal("MGET ctv:{@likes/1}", await Server.CommandAsync());
        await Server.SayAsync(Values(6));
        Assert.Equal([6], await later);
    }

    [Fact]
    public async Task Nobody_shares_a_question_that_was_sent_before_and_all_share_the_next()
    {
        await KeepAsync(1, 5);
        var first = AskAsync(1);
        Assert.Equal("PING", await Server.CommandAsync());

        Task<long?[]?>[] later = [AskAsync(1), AskAsync(1, 2), AskAsync(2)];
        await Server.SayAsync("+PONG");
        Assert.Equal([5], await first);
        Assert.DoesNotContain(later, one => one.IsCompleted);

        Assert.Equal("MGET ctv:{@likes/2}", await Server.CommandAsync());
        await Server.SayAsync(Values(7));
        Assert.Equal([5], await later[0]);
        Assert.Equal([5, 7], await later[1]);
        Assert.Equal([7], await later[2]);

        // Nothing else was sent.
        var next = AskAsync(2);
        Assert.Equal("PING", await Server.CommandAsync());
        await Server.SayAsync("+PONG");
        Assert.Equal([7], await next);
    }

    [Fact]
    public async Task What_was_changed_a_moment_ago_is_read_along()
    {
        await KeepAsync(1, 5);
        await Server.SayAsync(Changed(1));
        await ChangesAreHeardAsync();
        await KeepAsync(1, 6);

        await KeepAsync(1, 6);
        Clock.Advance(TrackedPart<long, LikeCount>.ChangesFor);

        var asked = AskAsync(1);
        Assert.Equal("PING", await Server.CommandAsync());
        await Server.SayAsync("+PONG");
        Assert.Equal([6], await asked);
    }

    [Fact]
    public async Task After_all_was_flushed_all_is_read_again()
    {
        await KeepAsync(1, 5);

        var asked = AskAsync(1);
        Assert.Equal("PING", await Server.CommandAsync());
        await Server.SayAsync(">2 $10 invalidate _", "+PONG");
        Assert.Equal("MGET ctv:{@likes/1}", await Server.CommandAsync());
        await Server.SayAsync(Values((long?)null));

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
        Assert.Equal("PING", await Server.CommandAsync());
        var (held, more) = (AskAsync(1), AskAsync(4));
        await Server.SayAsync("+PONG");
        Assert.Equal([5], await first);

        // It is changed when nobody looks after its copy any more.
        Assert.Equal("MGET ctv:{@likes/4}", await Server.CommandAsync());
        await Server.SayAsync(Values(9), Changed(1));
        Assert.Equal([9], await more);
        Assert.Equal("MGET ctv:{@likes/1}", await Server.CommandAsync());
        await Server.SayAsync(Values(6));
        Assert.Equal([6], await held);
        Assert.Equal(2, Counts.Count);
    }

    [Fact]
    public async Task Other_posts_of_the_same_reader_are_asked_for_also_where_two_ask_at_once()
    {
        var first = LikedAsync(7, 1, 2);
        Assert.Equal("HMGET lk:{7} g c f 1 2", await Server.CommandAsync());
        await Server.SayAsync(TrackingServer.Values("1:g", "0", null, "3:1", null));
        Assert.Equal([true, false], await first);

        var again = LikedAsync(7, 1, 2);
        Assert.Equal("PING", await Server.CommandAsync());
        var (second, third) = (LikedAsync(7, 2), LikedAsync(7, 3));
        await Server.SayAsync("+PONG");
        Assert.Equal([true, false], await again);

        Assert.Equal("HMGET lk:{7} g c f 2", await Server.CommandAsync());
        await Server.SayAsync(TrackingServer.Values("1:g", "0", null, null));
        Assert.Equal([false], await second);
        Assert.Equal("HMGET lk:{7} g c f 3", await Server.CommandAsync());
        await Server.SayAsync(TrackingServer.Values("1:g", "0", null, "4:1"));
        Assert.Equal([true], await third);
    }

    [Fact]
    public async Task A_reaction_that_changed_is_read_again_whatever_of_the_reader_is_kept()
    {
        var first = LikedAsync(7, 1);
        Assert.Equal("HMGET lk:{7} g c f 1", await Server.CommandAsync());
        await Server.SayAsync(TrackingServer.Values("1:g", "0", null, null));
        Assert.Equal([false], await first);

        // Found by one who waits; then replaced by another page of the same reader; then changed.
        var under = AskAsync();
        Assert.Equal("PING", await Server.CommandAsync());
        var held = LikedAsync(7, 1);
        var other = LikedAsync(7, 2);
        await Server.SayAsync("+PONG");
        await under;
        Assert.Equal("HMGET lk:{7} g c f 2", await Server.CommandAsync());
        await Server.SayAsync(TrackingServer.Values("1:g", "0", null, null), TrackingServer.Changed("lk:{7}"));
        Assert.Equal([false], await other);

        Assert.Equal("HMGET lk:{7} g c f 1", await Server.CommandAsync());
        await Server.SayAsync(TrackingServer.Values("1:g", "0", null, "5:1"));
        Assert.Equal([true], await held);
    }
}
