namespace Floodgate.TimelineService.Oracle;

/// <summary>What a home timeline should hold.</summary>
internal sealed record TimelineIds(IReadOnlyList<long> Ids);

/// <summary>What is not drained yet; 0 and 0: everything is.</summary>
/// <param name="Messages">Fan-out jobs that wait or are being done.</param>
/// <param name="Outbox">Rows of the outbox.</param>
internal sealed record Backlog(long Messages, long Outbox);

/// <summary>This service's part of <c>/status</c>.</summary>
/// <param name="OutboxRows">Rows of the outbox.</param>
/// <param name="OutboxAgeSeconds">The age of the oldest.</param>
/// <param name="FanOut">Messages per queue; null where the broker does not answer.</param>
/// <param name="OpenJobs">Fan-out jobs that wait or are being done; null where Redis does not answer.</param>
/// <param name="Pushed">Posts put into timelines by this process.</param>
/// <param name="Rebuilt">Rebuilds of timelines by this process.</param>
internal sealed record Status(long OutboxRows, double OutboxAgeSeconds, Dictionary<string, uint>? FanOut, long? OpenJobs, long Pushed, long Rebuilt);
