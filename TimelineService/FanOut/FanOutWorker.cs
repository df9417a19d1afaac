using System.Diagnostics;
using Floodgate.Messaging;
using Floodgate.Nodes;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Floodgate.TimelineService.FanOut;

/// <summary>
/// Does one job: reads a chunk of followers, publishes the rest as the next job, and pushes the post to those of the
/// chunk whose timeline exists. Doing it twice changes nothing.
/// </summary>
internal sealed class FanOutWorker(
    NodeReader reader, PostgresNodes nodes, HomeTimelines.TimelineStore timelines, FanOutPublisher publisher, TimelineMetrics metrics,
    IOptions<TimelineOptions> options, TimeProvider time)
{
    // A job that ends at a follower is bounded by it: a limit would cut off its last ones where new followers came between.
    private const string Followers = """
        SELECT follower FROM follows WHERE followee = $1 AND follower > $2 AND ($3 = 0 OR follower <= $3)
        ORDER BY follower LIMIT CASE WHEN $3 = 0 THEN $4 END
        """;

    /// <summary>Does a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="continued">
    /// Called once the rest of the audience is a job of its own, with what is left of this one: that is what a retry does.
    /// </param>
    /// <param name="cancellationToken">Limits the attempt.</param>
    public async Task DoAsync(FanOutJob job, Action<FanOutJob> continued, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var users = await FollowersAsync(job, cancellationToken);
        var hasRest = users.Count == options.Value.ChunkSize && job.Until == 0;
        if (hasRest)
        {
            // The first chunk of a large audience came on the queue of small ones; the rest must not delay others there.
            var rest = job with { After = users[^1], Attempts = 0 };
            await publisher.OpenAsync([rest]);
            await publisher.PublishAsync(QueueTopology.FanOutLarge, rest, cancellationToken);
            continued(job with { Until = users[^1] });
        }

        if (job.After == 0)
        {
            // Where the request that wrote the post could not put it into its author's own timeline.
            users.Add(job.Author);
        }

        var pushed = await timelines.PushAsync(users, job.Post);
        Activity.Current?.SetTag("floodgate.followers", users.Count).SetTag("floodgate.pushed", pushed);
        metrics.ChunkDone(pushed, time.GetElapsedTime(began));
    }

    private async Task<List<long>> FollowersAsync(FanOutJob job, CancellationToken cancellationToken)
    {
        var read = await reader.ReadAsync(
            new NodeRead(nodes.NextReplica(), job.Position),
            batch => batch.BatchCommands.Add(new NpgsqlBatchCommand(Followers)
            {
                Parameters =
                {
                    new NpgsqlParameter<long> { TypedValue = job.Author },
                    new NpgsqlParameter<long> { TypedValue = job.After },
                    new NpgsqlParameter<long> { TypedValue = job.Until },
                    new NpgsqlParameter<int> { TypedValue = options.Value.ChunkSize },
                },
            }),
            async (row, token) =>
            {
                var users = new List<long>(options.Value.ChunkSize + 1);
                while (await row.ReadAsync(token))
                {
                    users.Add(row.GetInt64(0));
                }

                return users;
            },
            cancellationToken);
        return read.Value;
    }
}
