using Floodgate.Messaging;
using Floodgate.Nodes;
using Floodgate.TimelineService.HomeTimelines;
using Floodgate.TimelineService.PullRanges;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Floodgate.TimelineService.FanOut;

/// <summary>
/// Pushes the posts of a closed pull range to all followers, chunk after chunk, and then removes the range: readers need not merge them any more. Of more posts
/// than a timeline holds the newest are pushed, and the timelines' floors are raised to the oldest of these.
/// </summary>
internal sealed class Backfill(
    FollowerReader followers, FanOutPublisher publisher, OpenJobs open, TimelineStore timelines, PullRangeStore ranges, NodeReader reader, PostgresNodes nodes,
    IOptions<TimelineOptions> options)
{
    private const string Posts = """
        SELECT p.id FROM pull_ranges r JOIN posts p ON p.author = r.author AND p.id BETWEEN r.from_post AND r.until_post
        WHERE r.id = $1 AND r.author = $2 AND p.deleted_at IS NULL ORDER BY p.id DESC LIMIT $3
        """;

    /// <summary>Does a chunk and publishes the next one, or removes the range after the last. Doing it again changes nothing.</summary>
    /// <returns>To how many timelines posts were added.</returns>
    public async Task<int> DoAsync(FanOutJob job, CancellationToken cancellationToken)
    {
        var users = await followers.ChunkAsync(job.Author, job.After, until: 0, job.Position, cancellationToken);
        var hasRest = users.Count == options.Value.ChunkSize;
        var rest = job with { After = hasRest ? users[^1] : 0, Attempts = 0 };
        if (job.After == 0)
        {
            users.Add(job.Author);
        }

        var window = AuthorWindow.Of(await PostsAsync(job, cancellationToken), options.Value.Cap);
        var added = window.Posts.Count == 0 ? 0 : await timelines.AddAsync(users, window.Posts, window.Floor);
        if (hasRest)
        {
            await open.OpenAsync([rest]);
            await publisher.PublishAsync(QueueTopology.FanOutLarge, rest, cancellationToken);
        }
        else
        {
            await ranges.RemoveAsync(job.Post, job.Author, cancellationToken);
        }

        return added;
    }

    private async Task<List<long>> PostsAsync(FanOutJob job, CancellationToken cancellationToken)
    {
        var read = await reader.ReadAsync(
            new NodeRead(nodes.NextReplica(), job.Position),
            batch => batch.BatchCommands.Add(new NpgsqlBatchCommand(Posts)
            {
                Parameters =
                {
                    new NpgsqlParameter<long> { TypedValue = job.Post },
                    new NpgsqlParameter<long> { TypedValue = job.Author },
                    new NpgsqlParameter<int> { TypedValue = options.Value.Cap + 1 },
                },
            }),
            HomeTimelines.TimelineQueries.ReadIdsAsync,
            cancellationToken);
        return read.Value;
    }
}
