using System.Runtime.InteropServices;

namespace Floodgate.VisibleValues;

/// <summary>A counter's part in one partition, as it is in one snapshot of the database.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Value">The sum of what was flushed.</param>
/// <param name="Version">The batch of the partition that wrote it last.</param>
/// <param name="Watermarks">
/// Up to which envelope of each producer the value contains what came before, as <see cref="Watermarks"/> writes it: those
/// of the ledger in the same snapshot. Older ones would let an envelope count twice, newer ones not at all.
/// </param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct CounterSlot(int Partition, long Value, long Version, string Watermarks = "");

/// <summary>What a reconcile did.</summary>
/// <param name="Loaded">Whether the counter is shown.</param>
/// <param name="Change">How the sum moved: 0 where what was pending is just what was flushed.</param>
/// <param name="Late">Envelopes that were flushed before they were applied.</param>
/// <param name="Missed">Whether Redis had missed a flush, so that the counter is to be loaded anew.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Reconciled(bool Loaded, long Change, int Late, bool Missed);
