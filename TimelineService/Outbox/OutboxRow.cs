namespace Floodgate.TimelineService.Outbox;

/// <summary>A row of the outbox.</summary>
/// <param name="Id">Its key.</param>
/// <param name="User">The author of the post, or who followed.</param>
/// <param name="Post">The post to fan out; null where the user's timeline is to be forgotten.</param>
/// <param name="TraceParent">The trace of the request that wrote it.</param>
/// <param name="Age">How long ago it was written.</param>
internal readonly record struct OutboxRow(long Id, long User, long? Post, string? TraceParent, TimeSpan Age);
