namespace Floodgate.Redis.Tracking;

/// <summary>What copies are kept with.</summary>
/// <param name="Time">The clock.</param>
/// <param name="IsOn">Whether any are kept; if not, everything is read in another way.</param>
/// <param name="Patience">How long Redis may take to answer before those who wait read in another way; the connection is given up 2 s later.</param>
public sealed record TrackedSettings(TimeProvider Time, bool IsOn, TimeSpan Patience);
