using System.Runtime.InteropServices;

namespace Floodgate.Messaging.Counters;

/// <summary>What identifies an envelope for ever: the ledger and Redis know it by this.</summary>
/// <param name="Producer">The process that made it: a version 7 UUID, new at each start, so it is producer and epoch in one.</param>
/// <param name="Partition">The partition it is for.</param>
/// <param name="Sequence">1, 2, 3 … per producer and partition. One that was never confirmed leaves a gap for ever.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct EnvelopeId(Guid Producer, int Partition, long Sequence);

/// <summary>The writes of one partition that were coalesced into one message: durable or lost together.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="SentAt">When it was made, in whole milliseconds.</param>
/// <param name="Deltas">What to add to which counter, in order of arrival; a counter may occur more than once.</param>
/// <param name="Reactions">New states of (user, post) pairs; of several for one pair the highest version counts.</param>
public sealed record CounterEnvelope(
    EnvelopeId Id, DateTimeOffset SentAt, IReadOnlyList<CounterDelta> Deltas, IReadOnlyList<Reaction> Reactions)
{
    /// <summary>How many deltas and reactions there are.</summary>
    public int Writes => Deltas.Count + Reactions.Count;
}

/// <summary>An addition to a counter.</summary>
/// <param name="Counter">The counter.</param>
/// <param name="Amount">What to add, −2^53 to 2^53; 0 marks a place in the queue.</param>
/// <param name="Request">The caller's Idempotency-Key: of all deltas with the same one, one has an effect.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct CounterDelta(CounterId Counter, long Amount, RequestKey? Request);

/// <summary>A caller's Idempotency-Key.</summary>
/// <param name="User">The caller.</param>
/// <param name="Key">1 to 200 visible ASCII characters.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RequestKey(long User, string Key)
{
    /// <summary>The most characters of a key.</summary>
    public const int MaximumLength = 200;

    /// <summary>Whether this is a key: 1 to 200 visible ASCII characters.</summary>
    public static bool IsValid(string? key) =>
        key is { Length: > 0 and <= MaximumLength } && !key.AsSpan().ContainsAnyExceptInRange('!', '~');
}

/// <summary>The state that a (user, post) pair is to have.</summary>
/// <param name="User">Who.</param>
/// <param name="Post">What.</param>
/// <param name="Liked">Whether it is liked.</param>
/// <param name="Version">Issued by the server, rising per pair: the highest wins, whatever the order of arrival.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Reaction(long User, long Post, bool Liked, long Version);
