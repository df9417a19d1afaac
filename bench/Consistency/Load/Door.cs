namespace Floodgate.Bench.Consistency.Load;

/// <summary>A way into the system whose sessions are counted together.</summary>
/// <param name="Policy">What the report calls it.</param>
/// <param name="Gateway">The router's address.</param>
/// <param name="Consistency">The value of <c>Floodgate-Consistency</c>; null to leave it out.</param>
/// <param name="PastCaches">Whether reads go past the caches, to the nodes, as the system in Development lets them: what routing promises shows there.</param>
internal sealed record Door(string Policy, Uri Gateway, string? Consistency = null, bool PastCaches = true);
