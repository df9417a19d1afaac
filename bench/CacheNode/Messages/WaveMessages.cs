namespace Floodgate.Bench.CacheNode.Messages;

/// <summary><c>POST /callers</c>: makes callers ready, who all read one item at once when <c>POST /callers/go</c> comes.</summary>
/// <param name="Mode">How they read: one of <see cref="ModeName"/>.</param>
/// <param name="Brief">Whether they read what expires soon.</param>
/// <param name="Id">The item.</param>
/// <param name="Callers">How many they are in this process.</param>
/// <param name="OriginMilliseconds">How long the query takes at least.</param>
internal sealed record WaveRequest(string Mode, bool Brief, long Id, int Callers, double OriginMilliseconds);

/// <summary>What became of them.</summary>
/// <param name="Values">How many got the item.</param>
/// <param name="Failed">How many did not.</param>
/// <param name="Error">Why the first of these did not.</param>
/// <param name="MedianMilliseconds">How long half of them waited at most.</param>
/// <param name="SlowestMilliseconds">How long the slowest waited.</param>
/// <param name="Waited">How many waited as long as the query takes.</param>
/// <param name="OriginMilliseconds">How long the slowest query took that this process began meanwhile, with the way to the server; 0 where it began none.</param>
internal sealed record WaveAnswer(
    int Values, int Failed, string? Error, double MedianMilliseconds, double SlowestMilliseconds, int Waited, double OriginMilliseconds);
