using Floodgate.Redis;

namespace Floodgate.UnitTests.Redis;

public class EpochRaiseTests
{
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(100);

    private readonly ManualClock _clock = new();
    private readonly HeldEpoch _epoch = new();
    private readonly EpochRaise _raise;

    public EpochRaiseTests() => _raise = new EpochRaise(_epoch, _clock);

    [Fact]
    public async Task One_raise_is_enough_for_all_who_wait_for_it()
    {
        Task[] waiting = [_raise.RaiseAsync(), _raise.RaiseAsync(), _raise.RaiseAsync()];
        _clock.Advance(Gathering);
        (await _epoch.BegunAsync()).SetResult();
        await Task.WhenAll(waiting);

        Assert.Equal(1, _epoch.Raises);
    }

    [Fact]
    public async Task Who_comes_while_a_raise_is_under_way_waits_for_the_next_one()
    {
        var first = _raise.RaiseAsync();
        _clock.Advance(Gathering);
        var underWay = await _epoch.BegunAsync();
        Task[] later = [_raise.RaiseAsync(), _raise.RaiseAsync()];
        _clock.Advance(Gathering);
        Assert.Equal(1, _epoch.Raises);

        underWay.SetResult();
        await first;
        var next = await _epoch.BegunAsync();
        Assert.DoesNotContain(later, task => task.IsCompleted);
        next.SetResult();
        await Task.WhenAll(later);

        Assert.Equal(2, _epoch.Raises);
    }

    [Fact]
    public async Task A_raise_that_fails_fails_for_those_who_waited_and_the_next_one_is_tried()
    {
        var first = _raise.RaiseAsync();
        _clock.Advance(Gathering);
        (await _epoch.BegunAsync()).SetException(new TimeoutException());
        await Assert.ThrowsAsync<TimeoutException>(() => first);

        var second = _raise.RaiseAsync();
        _clock.Advance(Gathering);
        (await _epoch.BegunAsync()).SetResult();
        await second;

        Assert.Equal(2, _epoch.Raises);
    }

    // Each raise is held until the test lets it go.
    private sealed class HeldEpoch : IRedisEpoch
    {
        private readonly System.Threading.Channels.Channel<TaskCompletionSource> _begun =
            System.Threading.Channels.Channel.CreateUnbounded<TaskCompletionSource>();

        private int _raises;

        public int Raises => Volatile.Read(ref _raises);

        public async Task<TaskCompletionSource> BegunAsync() =>
            await _begun.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30));

        public Task RaiseAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _raises);
            var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Assert.True(_begun.Writer.TryWrite(held));
            return held.Task;
        }
    }
}
