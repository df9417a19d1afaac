using System.Diagnostics;
using Floodgate.Messaging;
using Floodgate.Nodes;
using Floodgate.Posts;
using Floodgate.TimelineService.HomeTimelines;
using Microsoft.Extensions.Options;

namespace Floodgate.TimelineService.FanOut;

/// <summary>Does one job. Doing it twice changes nothing.</summary>
internal sealed class FanOutWorker(
    FollowerReader followers, TimelineStore timelines, FanOutPublisher publisher, OpenJobs open, AudiencePlanner planner, Backfill backfill, ChunkLedger ledger, PostCache posts,
    PostgresNodes nodes, FanOutLag lag, TimelineMetrics metrics, IOptions<TimelineOptions> options, TimeProvider time)
{
    /// <summary>Does jobs that came in one message.</summary>
    /// <param name="jobs">The jobs; each is replaced by what is left of it where that changes, which is what a retry does.</param>
    /// <param name="repeated">Whether they were delivered before.</param>
    /// <param name="cancellationToken">Limits the attempt.</param>
    public async Task DoAsync(FanOutJob[] jobs, bool repeated, CancellationToken cancellationToken)
    {
        if (jobs is [var only])
        {
            await DoAsync(only, rest => jobs[0] = rest, cancellationToken, repeated);
            return;
        }

        // The followers of all of them are read at once.
        var began = time.GetTimestamp();
        var position = jobs[0].Position;
        var users = await followers.FirstChunksAsync(Array.ConvertAll(jobs, job => job.Author), position, cancellationToken);
        await Task.WhenAll(jobs.Select(async (job, i) =>
        {
            lag.Began(job.Post);
            metrics.ChunkDone(await PushAsync(job, rest => jobs[i] = rest, repeated, users[i], cancellationToken), time.GetElapsedTime(began));
        }));
    }

    /// <summary>Does a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="continued">
    /// Called once the rest of the audience is a job of its own, with what is left of this one: that is what a retry does.
    /// </param>
    /// <param name="cancellationToken">Limits the attempt.</param>
    /// <param name="repeated">Whether it was delivered before: what is done or gone since then is looked at first.</param>
    public async Task DoAsync(FanOutJob job, Action<FanOutJob> continued, CancellationToken cancellationToken, bool repeated = false)
    {
        var began = time.GetTimestamp();
        if (job.Kind == FanOutKind.Backfill || job.Attempts > 0)
        {
            lag.Progressed();
        }
        else
        {
            lag.Began(job.Post);
        }

        var pushed = job.Kind switch
        {
            FanOutKind.Plan => await planner.PlanAsync(job, cancellationToken),
            FanOutKind.Backfill => await backfill.DoAsync(job, cancellationToken),
            _ => await PushAsync(job, continued, repeated, users: null, cancellationToken),
        };
        Activity.Current?.SetTag("floodgate.pushed", pushed);
        metrics.ChunkDone(pushed, time.GetElapsedTime(began));
    }

    private async Task<int> PushAsync(FanOutJob job, Action<FanOutJob> continued, bool repeated, List<long>? users, CancellationToken cancellationToken)
    {
        // A retry is of all its posts, and leaves out what is done then: their names are taken out of the open jobs together.
        var (whole, isOfMany) = (job, job.After != 0 || job.Until != 0);
        if (isOfMany || repeated)
        {
            if (await LeftAsync(job, cancellationToken) is not { Length: > 0 } left)
            {
                return 0;
            }

            job = job.For(left);
        }

        users ??= await followers.ChunkAsync(job.Author, job.After, job.Until, job.Position, cancellationToken);
        var hasRest = users.Count == options.Value.ChunkSize && job.Until == 0;
        if (hasRest)
        {
            // More followers than when the job was made; the rest must not delay others on the queue of small audiences.
            var rest = job with { After = users[^1], Attempts = 0 };
            await open.OpenAsync([rest]);
            await publisher.PublishAsync(QueueTopology.FanOutLarge, rest, cancellationToken);
            continued(whole with { Until = users[^1] });
        }

        if (job.After == 0)
        {
            // Where the request that wrote the post could not put it into its author's own timeline.
            users.Add(job.Author);
        }

        Activity.Current?.SetTag("floodgate.followers", users.Count);
        var pushed = await timelines.PushAsync(users, job.Posts);
        if (isOfMany || hasRest)
        {
            await ledger.DoneAsync(job);
        }

        return pushed;
    }

    // Readers leave deleted posts out as it is; but they need not be put back in first.
    private async Task<long[]> LeftAsync(FanOutJob job, CancellationToken cancellationToken)
    {
        var left = await ledger.LeftAsync(job);
        var found = await posts.Posts.GetManyAsync(left, new NodeRead(nodes.NextReplica(), job.Position), cancellationToken);
        return [.. left.Where((_, i) => found.Value[i] is not { Deleted: true })];
    }
}
