using System.Runtime.InteropServices;

namespace Floodgate.VisibleValues;

/// <summary>A counter's part in one partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Value">The sum of what was flushed.</param>
/// <param name="Version">The batch of the partition that wrote it last.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct CounterSlot(int Partition, long Value, long Version);

/// <summary>An envelope that a flush contains.</summary>
/// <param name="Field">As <see cref="CounterHash.FieldOf"/> writes it.</param>
/// <param name="SentAt">When it was made.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct FlushedEnvelope(string Field, DateTimeOffset SentAt);

/// <summary>What a reconcile did.</summary>
/// <param name="Loaded">Whether the counter was shown.</param>
/// <param name="Change">How the sum moved: 0 where what was pending is just what was flushed.</param>
/// <param name="Late">Envelopes that were flushed before they were applied.</param>
/// <param name="Dropped">Pending envelopes that were dropped because Redis had missed a flush.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Reconciled(bool Loaded, long Change, int Late, int Dropped);
