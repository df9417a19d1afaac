using System.Threading.Channels;
using Floodgate.Messaging.Counters;
using Floodgate.VisibleValues;
using StackExchange.Redis;

namespace Floodgate.UnitTests.Counters;

public sealed class GatheredReadsTests
{
    private static readonly CounterId A = new("test", "a"), B = new("test", "b"), C = new("test", "c");

    private readonly HeldReads _redis = new();
    private readonly GatheredReads _reads;

    public GatheredReadsTests() => _reads = new GatheredReads(_redis);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_asked_for_while_reads_are_under_way_goes_in_one_and_each_counter_once()
    {
        var first = _reads.ReadAsync([A]);
        var sent = await _redis.NextAsync(Token);
        var second = _reads.ReadAsync([B]);
        var other = await _redis.NextAsync(Token);

        Task<long?[]>[] gathered = [_reads.ReadAsync([A, B]), _reads.ReadAsync([C, A]), _reads.ReadAsync([A])];
        sent.Answer(1);
        var third = await _redis.NextAsync(Token);
        Assert.Equal([A, B, C], third.Counters);
        third.Answer(10, null, 30);
        other.Answer(2);

        Assert.Equal([1], await first);
        Assert.Equal([2], await second);
        Assert.Equal([10, null], await gathered[0]);
        Assert.Equal([30, 10], await gathered[1]);
        Assert.Equal([10], await gathered[2]);
    }

    [Fact]
    public async Task Nobody_joins_a_read_that_was_sent_before()
    {
        var before = _reads.ReadAsync([A]);
        var sent = await _redis.NextAsync(Token);

        var after = _reads.ReadAsync([A]);
        (await _redis.NextAsync(Token)).Answer(2);
        sent.Answer(1);

        Assert.Equal([1], await before);
        Assert.Equal([2], await after);
    }

    [Fact]
    public async Task More_than_one_command_holds_are_read_in_several()
    {
        var wanted = Enumerable.Range(0, 500).Select(i => new CounterId("test", $"{i}")).ToArray();

        var all = _reads.ReadAsync(wanted);
        var (first, second) = (await _redis.NextAsync(Token), await _redis.NextAsync(Token));
        Assert.Equal(wanted, (first.Counters.Count > second.Counters.Count ? first : second).Counters.Concat((first.Counters.Count > second.Counters.Count ? second : first).Counters));
        foreach (var read in new[] { first, second })
        {
            read.Answer([.. read.Counters.Select(counter => (long?)Array.IndexOf(wanted, counter))]);
        }

        Assert.Equal(Enumerable.Range(0, 500).Select(i => (long?)i), await all);
    }

    [Fact]
    public async Task A_failure_reaches_all_who_asked_and_others_are_served()
    {
        var busy = _reads.ReadAsync([A]);
        var sent = await _redis.NextAsync(Token);
        var more = _reads.ReadAsync([C]);
        var other = await _redis.NextAsync(Token);
        Task<long?[]>[] failing = [_reads.ReadAsync([A]), _reads.ReadAsync([A, B])];
        sent.Answer(1);
        (await _redis.NextAsync(Token)).Fail();
        other.Answer(3);

        foreach (var read in failing)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => read);
        }

        await Task.WhenAll(busy, more);
        var next = _reads.ReadAsync([B]);
        (await _redis.NextAsync(Token)).Answer(5);
        Assert.Equal([5], await next);
    }

    /// <summary>A Redis whose answers only the test gives.</summary>
    private sealed class HeldReads : IVisibleCounters
    {
        private readonly Channel<HeldRead> _sent = Channel.CreateUnbounded<HeldRead>();

        public ValueTask<HeldRead> NextAsync(CancellationToken token) => _sent.Reader.ReadAsync(token);

        public Task<IReadOnlyList<long?>> ReadAsync(IReadOnlyList<CounterId> counters, IDatabaseAsync? batch = null)
        {
            var read = new HeldRead([.. counters]);
            Assert.True(_sent.Writer.TryWrite(read));
            return read.Values;
        }

        public Task<long?> ApplyAsync(CounterId counter, EnvelopeMark envelope, long amount) => throw new NotSupportedException();

        public Task<string> BeginLoadAsync(CounterId counter, string mark) => throw new NotSupportedException();

        public Task<long?> LoadAsync(CounterId counter, string mark, IReadOnlyList<CounterSlot> slots) => throw new NotSupportedException();

        public Task<Reconciled> ReconcileAsync(CounterId counter, CounterSlot slot, long previous, IReadOnlyList<string> envelopes) =>
            throw new NotSupportedException();
    }

    private sealed class HeldRead(IReadOnlyList<CounterId> counters)
    {
        private readonly TaskCompletionSource<IReadOnlyList<long?>> _values = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IReadOnlyList<CounterId> Counters => counters;

        public Task<IReadOnlyList<long?>> Values => _values.Task;

        public void Answer(params long?[] values) => _values.SetResult(values);

        public void Fail() => _values.SetException(new InvalidOperationException());
    }
}
