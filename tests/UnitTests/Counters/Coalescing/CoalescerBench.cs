using Floodgate.CounterService.Coalescing;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Telemetry;
using Floodgate.Messaging;
using Floodgate.Messaging.Counters;
using Floodgate.VisibleValues;
using Floodgate.VisibleValues.Reactions;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Floodgate.UnitTests.Counters.Coalescing;

/// <summary>One partition's coalescer under a clock that only the test moves, with a broker that only the test makes answer.</summary>
internal sealed class CoalescerBench : IEnvelopePublisher, IVisibleCounters, IReactionMemory, IDisposable
{
    private readonly Dictionary<CounterId, long> _values = [];
    private readonly CounterTelemetry _telemetry = new();
    private int _producers;

    public CoalescerBench(CounterOptions? options = null)
    {
        Options = options ?? new CounterOptions();
        var sender = new EnvelopeSender(
            this, this, this, _telemetry, new RedisPatience(Microsoft.Extensions.Options.Options.Create(Options), Clock), Clock, NullLogger<EnvelopeSender>.Instance);
        Coalescer = new PartitionCoalescer(3, () => new Guid(++_producers, 0, 0, new byte[8]), sender, Options, Clock);
    }

    public static CounterId Counter { get; } = new("test", "k");

    public ManualClock Clock { get; } = new();

    public CounterOptions Options { get; }

    public PartitionCoalescer Coalescer { get; }

    public bool IsReady { get; set; } = true;

    /// <summary>What was published, in order.</summary>
    public List<CounterEnvelope> Published { get; } = [];

    /// <summary>The confirms that the test owes.</summary>
    public Queue<TaskCompletionSource> Confirms { get; } = new();

    public Task<WriteOutcome> Add(long amount = 1, CounterId? counter = null, RequestKey? request = null)
    {
        var write = new PendingWrite(counter ?? Counter, amount) { Request = request };
        return Coalescer.TryAdd(write) is { } refusal ? Task.FromResult(WriteOutcome.Refused(refusal)) : write.Outcome.AsTask();
    }

    /// <summary>The broker confirms the oldest envelope.</summary>
    public void Confirm() => Confirms.Dequeue().SetResult();

    /// <summary>The broker does not confirm the oldest envelope.</summary>
    public void Fail() => Confirms.Dequeue().SetException(new PublishUnconfirmedException("the test says so"));

    public Task PublishAsync(EnvelopeId id, ReadOnlyMemory<byte> body, string? traceparent, CancellationToken cancellationToken)
    {
        Published.Add(EnvelopeCodec.Decode(body.Span));

        // What waits goes on at once, in the call of Confirm.
        var confirm = new TaskCompletionSource();
        Confirms.Enqueue(confirm);
        return confirm.Task;
    }

    public Task<long?> ApplyAsync(CounterId counter, EnvelopeMark envelope, long amount) =>
        Task.FromResult<long?>(_values[counter] = _values.GetValueOrDefault(counter) + amount);

    public Task SettleAsync(in Reaction reaction) => Task.CompletedTask;

    public Task<IReadOnlyList<long?>> ReadAsync(IReadOnlyList<CounterId> counters, IDatabaseAsync? batch = null) => throw new NotSupportedException();

    public Task<string> BeginLoadAsync(CounterId counter, string mark) => throw new NotSupportedException();

    public Task<long?> LoadAsync(CounterId counter, string mark, IReadOnlyList<CounterSlot> slots) => throw new NotSupportedException();

    public Task<Reconciled> ReconcileAsync(CounterId counter, CounterSlot slot, long previous, IReadOnlyList<string> envelopes) =>
        throw new NotSupportedException();

    public Task<Intent> IntendAsync(long user, long post, bool liked, long atLeast) => throw new NotSupportedException();

    public Task<RememberedReactions> ReadAsync(long user, IReadOnlyList<long> posts, IDatabaseAsync? batch = null) => throw new NotSupportedException();

    public Task MarkAsync(long user, string mark) => throw new NotSupportedException();

    public Task CompleteAsync(long user, string mark, StoredReactions stored) => throw new NotSupportedException();

    public Task TellAsync(in Reaction reaction) => throw new NotSupportedException();

    public void Dispose() => _telemetry.Dispose();
}
