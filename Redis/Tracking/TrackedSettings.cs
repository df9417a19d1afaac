namespace Floodgate.Redis.Tracking;

/// <summary>What copies are kept with.</summary>
/// <param name="Time">The clock.</param>
/// <param name="MostCopies">
/// How many are kept at most; beyond that all are forgotten, and those that are asked for come back. 0: none, so that everything is read in another way.
/// </param>
/// <param name="Patience">How long Redis may take to answer before the connection is given up.</param>
public sealed record TrackedSettings(TimeProvider Time, int MostCopies, TimeSpan Patience);
