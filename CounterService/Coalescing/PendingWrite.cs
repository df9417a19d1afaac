using System.Diagnostics;
using System.Threading.Tasks.Sources;
using Floodgate.Messaging.Counters;

namespace Floodgate.CounterService.Coalescing;

/// <summary>
/// A write that waits for its envelope to be durable. It is its own awaitable, so that a write is one object; one caller
/// may wait for it, once.
/// </summary>
internal sealed class PendingWrite : IValueTaskSource<WriteOutcome>
{
    // The continuations are the answers to HTTP callers: they must not run on the thread that confirms.
    private ManualResetValueTaskSourceCore<WriteOutcome> _done = new() { RunContinuationsAsynchronously = true };

    /// <summary>Creates a write.</summary>
    /// <param name="counter">The counter that shows it.</param>
    /// <param name="amount">What it adds: for a reaction a guess, which the flush corrects.</param>
    public PendingWrite(CounterId counter, long amount)
    {
        (Counter, Amount, Shown) = (counter, amount, amount);
        Trace = Activity.Current?.Context ?? default;
    }

    /// <summary>The counter that shows it.</summary>
    public CounterId Counter { get; }

    /// <summary>What it adds.</summary>
    public long Amount { get; }

    /// <summary>What it adds to the visible value until its flush: 0 for a write that will probably turn out to be a repeat.</summary>
    public long Shown { get; init; }

    /// <summary>The state of the pair, if this is a reaction; else it is a delta.</summary>
    public Reaction? Reaction { get; init; }

    /// <summary>The caller's Idempotency-Key, of a delta.</summary>
    public RequestKey? Request { get; init; }

    /// <summary>The request's span.</summary>
    public ActivityContext Trace { get; }

    /// <summary>When it is decided.</summary>
    public ValueTask<WriteOutcome> Outcome => new(this, _done.Version);

    /// <summary>Where its envelope counts what it adds to its counter.</summary>
    internal int Share { get; set; }

    /// <summary>Decides it; to be called once.</summary>
    public void Complete(in WriteOutcome outcome) => _done.SetResult(outcome);

    WriteOutcome IValueTaskSource<WriteOutcome>.GetResult(short token) => _done.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<WriteOutcome>.GetStatus(short token) => _done.GetStatus(token);

    void IValueTaskSource<WriteOutcome>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _done.OnCompleted(continuation, state, token, flags);
}
