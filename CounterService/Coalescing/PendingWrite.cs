using System.Diagnostics;
using Floodgate.Messaging.Counters;

namespace Floodgate.CounterService.Coalescing;

/// <summary>A write that waits for its envelope to be durable.</summary>
/// <param name="counter">The counter that shows it.</param>
/// <param name="amount">What it adds: for a reaction a guess, which the flush corrects.</param>
internal sealed class PendingWrite(CounterId counter, long amount)
{
    // The continuations are the answers to HTTP callers: they must not run on the thread that confirms.
    private readonly TaskCompletionSource<WriteOutcome> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The counter that shows it.</summary>
    public CounterId Counter { get; } = counter;

    /// <summary>What it adds to the visible value.</summary>
    public long Amount { get; } = amount;

    /// <summary>The state of the pair, if this is a reaction; else it is a delta.</summary>
    public Reaction? Reaction { get; init; }

    /// <summary>The caller's Idempotency-Key, of a delta.</summary>
    public RequestKey? Request { get; init; }

    /// <summary>The request's span.</summary>
    public ActivityContext Trace { get; } = Activity.Current?.Context ?? default;

    /// <summary>When it is decided.</summary>
    public Task<WriteOutcome> Outcome => _done.Task;

    /// <summary>Decides it.</summary>
    public void Complete(in WriteOutcome outcome) => _done.TrySetResult(outcome);
}
