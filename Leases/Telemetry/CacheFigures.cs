namespace Floodgate.Leases.Telemetry;

/// <summary>A key that is read much.</summary>
/// <param name="Key">The key, as its entity writes it.</param>
/// <param name="ReadsPerSecond">How often a second this process reads it.</param>
public sealed record HotKey(string Key, double ReadsPerSecond);

/// <summary>What one process's cache of an entity has done since the start of the process.</summary>
/// <param name="Entity">The name of the entity.</param>
/// <param name="Hits">Reads that Redis answered.</param>
/// <param name="InProcess">Reads that the process answered.</param>
/// <param name="Stale">Reads that got a value which somebody was refreshing.</param>
/// <param name="Missed">Reads that found no value they may have; callers who share a look count once.</param>
/// <param name="WithoutRedis">Values loaded while Redis was away.</param>
/// <param name="LeasesWon">Leases won.</param>
/// <param name="LeasesWaited">Times that another process's fill was waited for.</param>
/// <param name="LeasesTakenOver">Leases taken over from a holder who did not come back.</param>
/// <param name="FillsBelowFloor">Fills rejected as older than the last invalidation.</param>
/// <param name="OriginCalls">Calls to the origin.</param>
/// <param name="OriginKeys">Keys that they asked for.</param>
/// <param name="OriginFailures">Those that failed.</param>
/// <param name="OriginMilliseconds">How long one took on average, in milliseconds.</param>
/// <param name="InProcessBytes">How many bytes the process keeps.</param>
/// <param name="Hottest">The keys that are read most.</param>
public sealed record CacheFigures(
    string Entity, long Hits, long InProcess, long Stale, long Missed, long WithoutRedis, long LeasesWon, long LeasesWaited, long LeasesTakenOver,
    long FillsBelowFloor, long OriginCalls, long OriginKeys, long OriginFailures, double OriginMilliseconds, long InProcessBytes,
    IReadOnlyList<HotKey> Hottest);
