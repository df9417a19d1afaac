using Floodgate.Leases.Store;
using StackExchange.Redis;

namespace Floodgate.UnitTests.Leases;

public sealed class ChangeFeedTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly ManualClock _clock = new();
    private readonly ChangeLog _log = new();
    private readonly List<(long? Since, TaskCompletionSource<ChangesTold> Answer)> _questions = [];
    private readonly List<string> _sent = [];
    private readonly SemaphoreSlim _asked = new(0);
    private readonly ChangeFeed _feed;

    public ChangeFeedTests() => _feed = new ChangeFeed(_log, (since, behind) =>
    {
        var answer = new TaskCompletionSource<ChangesTold>();
        lock (_questions)
        {
            _questions.Add((since, answer));
            _sent.Add("question");
            behind?.Invoke(null!);
        }

        _asked.Release();
        return answer.Task;
    }, Patience, _clock);

    private static ChangesTold Told(RedisValue[] answer, bool inOrder = true) => new(answer, inOrder);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _asked.Dispose();

    [Fact]
    public async Task Who_comes_while_a_question_is_under_way_waits_for_the_next_and_shares_it()
    {
        var first = _feed.CatchUpAsync();
        await _asked.WaitAsync(Cancel);
        Task[] later = [_feed.CatchUpAsync(), _feed.CatchUpAsync()];

        // As it was before the later ones came: a change of between is not in it.
        _questions[0].Answer.SetResult(Told([10, 0]));
        await first;
        await _asked.WaitAsync(Cancel);
        Assert.DoesNotContain(later, task => task.IsCompleted);
        Assert.Equal(10, _questions[1].Since);
        _questions[1].Answer.SetResult(Told([11, 1, "a"]));
        await Task.WhenAll(later);

        Assert.Equal(11, _log.State.Last);
        Assert.Equal(2, _questions.Count);
    }

    [Fact]
    public async Task A_question_that_fails_fails_for_who_shares_it_and_the_next_is_asked()
    {
        var first = _feed.CatchUpAsync();
        await _asked.WaitAsync(Cancel);
        var second = _feed.CatchUpAsync();
        _questions[0].Answer.SetException(new StoreUnavailableException("hangs"));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => first);
        await _asked.WaitAsync(Cancel);
        _questions[1].Answer.SetResult(Told([10, 0]));
        await second;

        Assert.Equal(10, _log.State.Last);
    }

    [Fact]
    public async Task An_answer_to_what_was_asked_before_the_connection_was_lost_says_nothing()
    {
        var asking = _feed.CatchUpAsync();
        await _asked.WaitAsync(Cancel);
        _log.Forget();
        _questions[0].Answer.SetResult(Told([10, 1]));
        await asking;

        Assert.Null(_log.State.Last);
    }

    [Fact]
    public async Task What_callers_send_besides_goes_behind_the_question_that_serves_them()
    {
        var first = _feed.CatchUpAsync(_ => Send("a"));
        await _asked.WaitAsync(Cancel);
        Task[] later = [_feed.CatchUpAsync(_ => Send("b")), _feed.CatchUpAsync(), _feed.CatchUpAsync(_ => Send("c"))];
        Assert.Equal(["question", "a"], _sent);
        _questions[0].Answer.SetResult(Told([10, 0]));
        await _asked.WaitAsync(Cancel);
        _questions[1].Answer.SetResult(Told([10, 1]));
        await Task.WhenAll(later);

        Assert.True(await first);
        Assert.Equal(["question", "a", "question", "b", "c"], _sent);
    }

    [Fact]
    public async Task Who_is_served_goes_on_when_what_went_behind_is_answered_too()
    {
        var behind = new TaskCompletionSource();
        var caller = _feed.CatchUpAsync(_ => behind.Task);
        await _asked.WaitAsync(Cancel);
        _questions[0].Answer.SetResult(Told([10, 0]));

        // Whoever waited for the answer has gone on by now.
        Assert.Null(_log.State.Last);
        Assert.False(caller.IsCompleted);
        behind.SetException(new TimeoutException("gone"));

        // How that went the caller sees by its own task.
        Assert.True(await caller);
    }

    [Fact]
    public async Task Nobody_waits_for_what_another_sent_behind_the_question_once_it_is_late()
    {
        var first = _feed.CatchUpAsync(_ => new TaskCompletionSource().Task);
        await _asked.WaitAsync(Cancel);
        var second = _feed.CatchUpAsync();
        _questions[0].Answer.SetResult(Told([10, 0]));
        while (_clock.Waiting == 0)
        {
            await Task.Yield();
        }

        Assert.False(first.IsCompleted);
        _clock.Advance(Patience);

        Assert.True(await first);
        await _asked.WaitAsync(Cancel);
        _questions[1].Answer.SetResult(Told([11, 0]));
        Assert.True(await second);
    }

    [Fact]
    public async Task What_cannot_be_sent_spares_the_others_behind_the_question()
    {
        var first = _feed.CatchUpAsync();
        await _asked.WaitAsync(Cancel);
        Task<bool>[] callers = [_feed.CatchUpAsync(_ => throw new InvalidOperationException("a bug")), _feed.CatchUpAsync(_ => Send("a"))];
        _questions[0].Answer.SetResult(Told([10, 0]));
        await _asked.WaitAsync(Cancel);
        _questions[1].Answer.SetResult(Told([10, 1]));

        Assert.All(await Task.WhenAll(callers), Assert.True);
        Assert.True(await first);
        Assert.Equal(["question", "question", "a"], _sent);
    }

    [Fact]
    public async Task A_question_that_was_asked_once_more_says_that_what_went_behind_may_have_come_before()
    {
        var caller = _feed.CatchUpAsync(_ => Send("a"));
        await _asked.WaitAsync(Cancel);
        _questions[0].Answer.SetResult(Told([10, 0], inOrder: false));

        Assert.False(await caller);
        Assert.Equal(10, _log.State.Last);
    }

    [Fact]
    public async Task Where_too_many_wait_nothing_more_is_sent_behind_their_question()
    {
        var first = _feed.CatchUpAsync();
        await _asked.WaitAsync(Cancel);
        var waiting = Enumerable.Range(0, ChangeFeed.MostBehind).Select(_ => _feed.CatchUpAsync(_ => Send("a"))).ToArray();

        Assert.False(await _feed.CatchUpAsync(_ => Send("one too many")));

        _questions[0].Answer.SetResult(Told([10, 0]));
        await _asked.WaitAsync(Cancel);
        _questions[1].Answer.SetResult(Told([10, 1]));
        Assert.All(await Task.WhenAll(waiting), Assert.True);
        Assert.DoesNotContain("one too many", _sent, StringComparer.Ordinal);
        Assert.True(await first);
    }

    private Task Send(string what)
    {
        _sent.Add(what);
        return Task.CompletedTask;
    }
}
