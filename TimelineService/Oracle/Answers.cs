using Floodgate.Leases.Telemetry;

namespace Floodgate.TimelineService.Oracle;

/// <summary>What a home timeline should hold.</summary>
internal sealed record TimelineIds(IReadOnlyList<long> Ids);

/// <summary>What is not drained yet; 0 and 0: everything is.</summary>
/// <param name="Messages">Fan-out jobs that wait or are being done.</param>
/// <param name="Outbox">Rows of the outbox.</param>
internal sealed record Backlog(long Messages, long Outbox);

/// <summary>This service's part of <c>/status</c>.</summary>
/// <param name="OutboxRows">Rows of the outbox; null where the primary does not answer.</param>
/// <param name="OutboxAgeSeconds">The age of the oldest; null where the primary does not answer.</param>
/// <param name="FanOut">Messages per queue; null where the broker does not answer.</param>
/// <param name="OpenJobs">Fan-out jobs that wait or are being done; null where Redis does not answer.</param>
/// <param name="Pushed">Posts put into timelines by this process.</param>
/// <param name="Rebuilt">Rebuilds of timelines by this process.</param>
/// <param name="Pending">Posts that wait for the primary.</param>
/// <param name="Routing">How posts get to their readers.</param>
/// <param name="Caches">What this process's caches have done.</param>
/// <param name="Oracle">What came of comparing timelines with SQL.</param>
/// <param name="Streams">The streams of this process.</param>
internal sealed record Status(
    long? OutboxRows, double? OutboxAgeSeconds, Dictionary<string, uint>? FanOut, long? OpenJobs, long Pushed, long Rebuilt, PendingPart Pending, RoutingPart Routing,
    CachesFigures Caches, OraclePart Oracle, StreamsPart Streams);

/// <summary>The streams of a process.</summary>
/// <param name="Open">How many are open.</param>
/// <param name="Sent">Events sent since its start.</param>
/// <param name="Dropped">Clients dropped since then, as they did not take an event in time.</param>
internal sealed record StreamsPart(int Open, long Sent, long Dropped);

/// <summary>How posts get to their readers.</summary>
/// <param name="LagSeconds">For how long posts wait before fan-out gets to them, as this process sees it.</param>
/// <param name="Threshold">From how many followers on posts are merged when read; less than the setting while fan-out is behind; 0: not known yet.</param>
/// <param name="Merged">Authors whose posts are merged when read.</param>
/// <param name="Backfilling">Authors whose merged posts are being pushed after all.</param>
internal sealed record RoutingPart(double LagSeconds, long Threshold, long Merged, long Backfilling);

/// <summary>The posts that wait for the primary.</summary>
/// <param name="Depth">How many; null where the broker does not answer.</param>
/// <param name="AgeSeconds">For how long some have been waiting, as far as this process has seen.</param>
/// <param name="Published">How many this process has published.</param>
internal sealed record PendingPart(long? Depth, double AgeSeconds, long Published);
