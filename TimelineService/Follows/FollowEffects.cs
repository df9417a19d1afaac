using Floodgate.Leases;
using Floodgate.Nodes;
using Floodgate.TimelineService.Caches;
using Floodgate.TimelineService.HomeTimelines;
using Floodgate.TimelineService.Outbox;
using Microsoft.Extensions.Options;

namespace Floodgate.TimelineService.Follows;

/// <summary>
/// What a follow changes outside the database, before the caller is answered. Where Redis does not answer, the outbox row stays and the relay does it later.
/// </summary>
internal sealed class FollowEffects(
    WriteAnnouncer announcer, TimelineStore timelines, TimelineQueries queries, PostgresNodes nodes, OutboxSignal outbox, IOptions<TimelineOptions> options)
{
    /// <summary>
    /// Tells the caches, and then brings the followee's posts into the timeline: whoever builds it from now on does so with the follow, and a post that is
    /// written from now on is pushed. A timeline that is being built, perhaps without the follow, is forgotten.
    /// </summary>
    public async Task FollowedAsync(long follower, long followee, CommittedWrite write, CancellationToken cancellationToken)
    {
        var isKnown = await announcer.FollowedAsync(follower, followee, write);
        if (await TryBringAsync(follower, followee, write, cancellationToken) && isKnown)
        {
            End(write);
        }
    }

    /// <summary>Tells the caches: readers leave the posts out from now on. The timeline is forgotten, so that it is not full of them.</summary>
    public async Task UnfollowedAsync(long follower, long followee, CommittedWrite write)
    {
        var isKnown = await announcer.FollowedAsync(follower, followee, write);
        if (await timelines.TryForgetAsync(follower) && isKnown)
        {
            End(write);
        }
    }

    private void End(CommittedWrite write)
    {
        if (write.Id != 0)
        {
            outbox.Done(write.Id);
        }
    }

    private async Task<bool> TryBringAsync(long follower, long followee, CommittedWrite write, CancellationToken cancellationToken)
    {
        try
        {
            var cap = options.Value.Cap;
            var read = await queries.OfAuthorAsync(followee, cap + 1, new NodeRead(nodes.NextReplica(), write.Position), cancellationToken);
            var window = AuthorWindow.Of(read.Value, cap);
            return await timelines.TryAddAsync(follower, window.Posts, window.Floor);
        }
        catch (NodeUnavailableException)
        {
            return await timelines.TryForgetAsync(follower);
        }
    }
}
