namespace Floodgate.FlushWorker.Parking;

/// <summary>A message that is put aside.</summary>
/// <param name="Id">Its number there.</param>
/// <param name="Partition">The partition in whose queue it was.</param>
/// <param name="Producer">Its producer; null where it cannot be read.</param>
/// <param name="Sequence">Its number at its producer; null where it cannot be read.</param>
/// <param name="Bytes">How long it is.</param>
/// <param name="Reason">Why it was put aside.</param>
/// <param name="ParkedAt">When.</param>
internal sealed record ParkedRow(long Id, int Partition, Guid? Producer, long? Sequence, int Bytes, string Reason, DateTimeOffset ParkedAt);
