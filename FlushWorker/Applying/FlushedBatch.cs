using System.Runtime.InteropServices;
using Floodgate.Messaging.Counters;
using Floodgate.VisibleValues;

namespace Floodgate.FlushWorker.Applying;

/// <summary>A slot after a commit.</summary>
/// <param name="Counter">The counter.</param>
/// <param name="Slot">Its slot.</param>
/// <param name="Previous">The slot's version before; 0 where it did not exist.</param>
/// <param name="Envelopes">The envelopes of the batch that name the counter, as <see cref="EnvelopeMark.FieldOf"/> names them.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FlushedSlot(CounterId Counter, CounterSlot Slot, long Previous, IReadOnlyList<string> Envelopes);

/// <summary>What a commit did.</summary>
/// <param name="Version">The number of the partition's batch.</param>
/// <param name="Envelopes">How many envelopes were applied.</param>
/// <param name="Writes">How many writes they held.</param>
/// <param name="Duplicates">How many envelopes had been applied before.</param>
/// <param name="RepeatedRequests">How many deltas had no effect because their Idempotency-Key had been used.</param>
/// <param name="Retired">The envelopes that are not applied because their producer was retired.</param>
/// <param name="Slots">The slots of all counters that the batch names, as they are now.</param>
/// <param name="Reactions">The newest state that the batch names of each pair, also of envelopes that were applied before.</param>
internal sealed record FlushedBatch(
    long Version, int Envelopes, int Writes, int Duplicates, int RepeatedRequests, IReadOnlyList<EnvelopeId> Retired,
    IReadOnlyList<FlushedSlot> Slots, IReadOnlyList<Reaction> Reactions)
{
    /// <summary>Nothing.</summary>
    public static readonly FlushedBatch Empty = new(0, 0, 0, 0, 0, [], [], []);
}
