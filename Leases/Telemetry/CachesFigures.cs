namespace Floodgate.Leases.Telemetry;

/// <summary>What the caches of a process have done.</summary>
/// <param name="RedisAnswers">Whether Redis answers and it is known what in it to believe.</param>
/// <param name="OriginRunning">How many calls to the origin are under way.</param>
/// <param name="OriginWaiting">How many wait for their turn.</param>
/// <param name="Entities">Each entity.</param>
public sealed record CachesFigures(bool RedisAnswers, long OriginRunning, long OriginWaiting, IReadOnlyList<CacheFigures> Entities);
