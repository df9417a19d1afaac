using Floodgate.Redis.Tracking;
using Floodgate.VisibleValues.Likes;

namespace Floodgate.UnitTests.Redis.Tracking;

/// <summary>What becomes of those who wait, and of what is kept, where Redis does not answer as it should.</summary>
public sealed class TrackedFailureTests : TrackedScene
{
    [Fact]
    public async Task Who_waits_when_the_connection_is_lost_knows_nothing_and_nobody_can_ask_any_more()
    {
        var first = AskAsync(1);
        await Server.CommandAsync();
        var second = AskAsync(2);

        await Server.CloseAsync();

        Assert.Null(await first);
        Assert.Null(await second);
        await Assert.ThrowsAsync<EndOfStreamException>(() => Running);
        Assert.Null(Counts.Ask([1]));
    }

    [Fact]
    public async Task Who_waits_for_a_late_answer_knows_nothing_and_what_is_kept_stays()
    {
        await KeepAsync(1, 5);
        await IsIdleAsync();
        var late = AskAsync(2);
        Assert.Equal("MGET ctv:{@likes/2}", await Server.CommandAsync());
        var next = AskAsync(1);
        await PassAsync(Patience);

        Assert.Null(await late);
        Assert.Null(await next);
        Assert.Null(Counts.Ask([1]));

        // Nobody takes it for the answer to something else.
        await Server.SayAsync(Values(7));
        while (Counts.Ask([1]) is not { } again || !await AnsweredAsync(again))
        {
            await Task.Yield();
        }

        Assert.Equal(2, Counts.Count);

        async Task<bool> AnsweredAsync(TrackedRead<long, LikeCount> again)
        {
            Assert.Equal("PING", await Server.CommandAsync());
            await Server.SayAsync("+PONG");
            Assert.Equal(5, (await again.ValuesAsync())![0]!.Likes);
            return true;
        }
    }

    [Fact]
    public async Task A_Redis_that_does_not_answer_at_all_is_given_up()
    {
        var asked = AskAsync(1);
        await Server.CommandAsync();
        await PassAsync(Patience);
        Assert.Null(await asked);
        Assert.False(Running.IsCompleted);

        await PassAsync(TrackedSession.GiveUpAfter);

        await Assert.ThrowsAnyAsync<IOException>(() => Running);
        Assert.Null(Counts.Ask([1]));
    }

    [Fact]
    public async Task What_Redis_refuses_to_read_nobody_knows_and_the_rest_stays()
    {
        await KeepAsync(1, 5);
        var refused = LikedAsync(7, 1);
        Assert.Equal("HMGET lk:{7} g c f 1", await Server.CommandAsync());
        await Server.SayLineAsync("-WRONGTYPE no");
        Assert.Equal("HMGET lk:{7} g c f 1", await Server.CommandAsync());
        await Server.SayLineAsync("-WRONGTYPE no");
        Assert.Null(await refused);

        var asked = AskAsync(1);
        Assert.Equal("PING", await Server.CommandAsync());
        await Server.SayAsync("+PONG");
        Assert.Equal([5], await asked);
    }

    [Theory]
    [InlineData("*2 $1 1 $1 2")]
    [InlineData("$5 hello")]
    [InlineData("hello")]
    public async Task An_answer_that_is_none_ends_the_connection(string answer)
    {
        var asked = AskAsync(1);
        await Server.CommandAsync();

        await Server.SayAsync(answer);

        await Assert.ThrowsAsync<InvalidDataException>(() => Running);
        Assert.Null(await asked);
    }

    [Fact]
    public async Task What_was_not_asked_for_ends_the_connection()
    {
        await Server.SayAsync("+PONG");

        await Assert.ThrowsAsync<InvalidDataException>(() => Running);
    }

    [Fact]
    public async Task Who_asks_for_more_than_may_wait_is_told_at_once()
    {
        Assert.Null(Counts.Ask([.. Enumerable.Range(1, TrackedSession.MostWanted + 1).Select(post => (long)post)]));

        var asked = AskAsync(1);
        Assert.Equal("MGET ctv:{@likes/1}", await Server.CommandAsync());
        await Server.SayAsync(Values(5));
        Assert.Equal([5], await asked);
    }

    // Nobody waits for the answer to an earlier question any more.
    private async Task IsIdleAsync()
    {
        while (Clock.Waiting > 0)
        {
            await Task.Yield();
        }
    }

    private async Task PassAsync(TimeSpan by)
    {
        while (Clock.Waiting == 0)
        {
            await Task.Yield();
        }

        Clock.Advance(by);
    }
}
