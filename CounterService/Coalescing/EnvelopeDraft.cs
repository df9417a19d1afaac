using System.Runtime.InteropServices;
using Floodgate.Messaging.Counters;

namespace Floodgate.CounterService.Coalescing;

/// <summary>What an envelope does to one counter.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct CounterShare
{
    /// <summary>The counter.</summary>
    public CounterId Counter;

    /// <summary>What it adds to the visible value.</summary>
    public long Shown;

    /// <summary>The sum of the deltas without an Idempotency-Key.</summary>
    public long Sum;

    /// <summary>How many deltas without an Idempotency-Key there are.</summary>
    public int Summed;

    /// <summary>How many writes there are.</summary>
    public int Writes;
}

/// <summary>
/// The writes of one envelope and what they amount to: deltas of one counter are one, unless a caller's Idempotency-Key
/// makes each of them count for itself. Used again and again.
/// </summary>
/// <remarks>
/// An envelope has at most 10,000 writes of at most 1,000,000 each, so a sum stays far below the 2^53 that the format
/// allows.
/// </remarks>
internal sealed class EnvelopeDraft
{
    private readonly Dictionary<CounterId, int> _index = [];
    private readonly List<CounterShare> _shares = [];

    /// <summary>The writes, in the order in which they came.</summary>
    public List<PendingWrite> Writes { get; } = [];

    /// <summary>What the envelope adds.</summary>
    public List<CounterDelta> Deltas { get; } = [];

    /// <summary>The states of pairs that it brings, in the order in which they came.</summary>
    public List<Reaction> Reactions { get; } = [];

    /// <summary>What Redis is asked for, one answer per share.</summary>
    public List<Task<long?>> Answers { get; } = [];

    /// <summary>Everything that Redis is asked for.</summary>
    public List<Task> Pending { get; } = [];

    /// <summary>The counters it touches, each once.</summary>
    public ReadOnlySpan<CounterShare> Shares => CollectionsMarshal.AsSpan(_shares);

    /// <summary>Sums up the writes.</summary>
    public void Sum()
    {
        foreach (var write in Writes)
        {
            write.Share = IndexOf(write.Counter);
            ref var share = ref CollectionsMarshal.AsSpan(_shares)[write.Share];
            share.Shown += write.Shown;
            share.Writes++;
            if (write.Reaction is { } reaction)
            {
                Reactions.Add(reaction);
            }
            else if (write.Request is { } request)
            {
                Deltas.Add(new CounterDelta(write.Counter, write.Amount, request));
            }
            else
            {
                share.Sum += write.Amount;
                share.Summed++;
            }
        }

        foreach (ref readonly var share in Shares)
        {
            if (share.Summed > 0)
            {
                Deltas.Add(new CounterDelta(share.Counter, share.Sum, Request: null));
            }
        }
    }

    /// <summary>Makes it empty.</summary>
    public void Clear()
    {
        Writes.Clear();
        Deltas.Clear();
        Reactions.Clear();
        Answers.Clear();
        Pending.Clear();
        _shares.Clear();
        _index.Clear();
    }

    // A hot counter comes many times in a row.
    private int IndexOf(in CounterId counter)
    {
        if (_shares.Count > 0 && _shares[^1].Counter == counter)
        {
            return _shares.Count - 1;
        }

        ref var index = ref CollectionsMarshal.GetValueRefOrAddDefault(_index, counter, out var known);
        if (!known)
        {
            index = _shares.Count;
            _shares.Add(new CounterShare { Counter = counter });
        }

        return index;
    }
}
