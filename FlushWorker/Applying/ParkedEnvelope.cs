namespace Floodgate.FlushWorker.Applying;

/// <summary>What came of putting a message aside.</summary>
/// <param name="IsNew">Whether it is there now and was not before.</param>
/// <param name="Touched">
/// The slots of the counters that it names, as they are without it, so that Redis takes it from what is pending.
/// </param>
internal sealed record ParkedEnvelope(bool IsNew, FlushedBatch Touched);
