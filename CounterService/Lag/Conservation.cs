using System.Runtime.InteropServices;

namespace Floodgate.CounterService.Lag;

/// <summary>A number of envelopes, and of the writes in them.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Quantity(long Envelopes, long Writes)
{
    public static Quantity operator +(Quantity left, Quantity right) => new(left.Envelopes + right.Envelopes, left.Writes + right.Writes);
}

/// <summary>What became of everything that this process had confirmed in a partition, as of the last audit.</summary>
/// <param name="Accepted">Confirmed by the broker, so acknowledged.</param>
/// <param name="Applied">The ledger has it.</param>
/// <param name="Pending">In the queue, as far as can be told.</param>
/// <param name="Parked">Put aside.</param>
/// <param name="Missing">Later envelopes are applied and these are nowhere: lost, or the ledger was changed.</param>
/// <param name="GivenUp">Too many were open to keep account of these.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Conservation(
    Quantity Accepted, Quantity Applied, Quantity Pending, Quantity Parked, Quantity Missing, Quantity GivenUp);
