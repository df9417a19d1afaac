using Floodgate.Leases.Store;
using StackExchange.Redis;

namespace Floodgate.UnitTests.Leases;

public sealed class ChangeFeedTests : IDisposable
{
    private readonly ChangeLog _log = new();
    private readonly List<(long? Since, TaskCompletionSource<RedisValue[]> Answer)> _questions = [];
    private readonly SemaphoreSlim _asked = new(0);
    private readonly ChangeFeed _feed;

    public ChangeFeedTests() => _feed = new ChangeFeed(_log, since =>
    {
        var answer = new TaskCompletionSource<RedisValue[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_questions)
        {
            _questions.Add((since, answer));
        }

        _asked.Release();
        return answer.Task;
    });

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _asked.Dispose();

    [Fact]
    public async Task Who_comes_while_a_question_is_under_way_waits_for_the_next_and_shares_it()
    {
        var first = _feed.CatchUpAsync();
        await _asked.WaitAsync(Cancel);
        Task[] later = [_feed.CatchUpAsync(), _feed.CatchUpAsync()];

        // As it was before the later ones came: a change of between is not in it.
        _questions[0].Answer.SetResult([10, 0]);
        await first;
        await _asked.WaitAsync(Cancel);
        Assert.DoesNotContain(later, task => task.IsCompleted);
        Assert.Equal(10, _questions[1].Since);
        _questions[1].Answer.SetResult([11, 1, "a"]);
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
        _questions[1].Answer.SetResult([10, 0]);
        await second;

        Assert.Equal(10, _log.State.Last);
    }

    [Fact]
    public async Task An_answer_to_what_was_asked_before_the_connection_was_lost_says_nothing()
    {
        var asking = _feed.CatchUpAsync();
        await _asked.WaitAsync(Cancel);
        _log.Forget();
        _questions[0].Answer.SetResult([10, 1]);
        await asking;

        Assert.Null(_log.State.Last);
    }
}
