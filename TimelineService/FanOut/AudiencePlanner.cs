using Floodgate.Messaging;
using Floodgate.TimelineService.HomeTimelines;

namespace Floodgate.TimelineService.FanOut;

/// <summary>
/// Cuts a large audience into chunks that all instances push to at the same time. Those of the followers who are reading just now get the posts before that.
/// </summary>
internal sealed class AudiencePlanner(FollowerReader followers, FanOutPublisher publisher, OpenJobs open, ReaderPresence presence, TimelineStore timelines)
{
    /// <summary>Does a plan. Doing it again publishes the same chunks, and those that are done are left out.</summary>
    /// <returns>How many entries of readers were written at once.</returns>
    public async Task<int> PlanAsync(FanOutJob plan, CancellationToken cancellationToken)
    {
        var chunks = await ChunksAsync(plan, cancellationToken);
        await open.OpenAsync(chunks);

        var pushed = 0;
        if (await presence.OnlineAsync() is { Length: > 0 } online)
        {
            pushed = await timelines.PushAsync(await followers.AmongAsync(plan.Author, online, plan.Position, cancellationToken), plan.Posts);
        }

        await Task.WhenAll(chunks.Select(chunk => publisher.PublishAsync(QueueTopology.FanOutLarge, chunk, cancellationToken)));
        return pushed;
    }

    private async Task<List<FanOutJob>> ChunksAsync(FanOutJob plan, CancellationToken cancellationToken)
    {
        var chunks = new List<FanOutJob>();
        var after = 0L;
        foreach (var bound in await followers.BoundsAsync(plan.Author, plan.Position, cancellationToken))
        {
            chunks.Add(ChunkOf(plan, after, bound));
            after = bound;
        }

        // Without an end, for who follows meanwhile.
        chunks.Add(ChunkOf(plan, after, until: 0));
        return chunks;
    }

    private static FanOutJob ChunkOf(FanOutJob plan, long after, long until) => plan with { After = after, Until = until, Attempts = 0, Kind = FanOutKind.Chunk };
}
