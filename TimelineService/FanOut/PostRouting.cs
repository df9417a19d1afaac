using Floodgate.Messaging;
using Floodgate.Sessions;
using Floodgate.TimelineService.Outbox;
using Floodgate.TimelineService.PullRanges;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Floodgate.TimelineService.FanOut;

/// <summary>What becomes of an outbox row.</summary>
/// <param name="Row">The row.</param>
/// <param name="Job">The job to publish; null where readers merge the post.</param>
/// <param name="Queue">Where to.</param>
/// <param name="Followers">How many the author has, as far as they are counted.</param>
internal readonly record struct RoutedPost(OutboxRow Row, FanOutJob? Job, string Queue, int Followers = 0);

/// <summary>
/// Decides in the relay's transaction how posts get to their readers: pushed as one job, pushed in chunks, or not pushed, as a pull range covers them.
/// </summary>
internal sealed class PostRouting(
    Audiences audiences, Shedding shedding, TimelineMetrics metrics, IOptions<TimelineOptions> options, ILogger<PostRouting> logger)
{
    /// <summary>Decides. Pull ranges that are opened commit with the connection's transaction.</summary>
    /// <param name="connection">The connection on which the rows are locked.</param>
    /// <param name="rows">Posts and backfills.</param>
    /// <param name="position">A position at or past their commits.</param>
    /// <param name="cancellationToken">Limits the wait.</param>
    public async Task<List<RoutedPost>> RouteAsync(
        NpgsqlConnection connection, List<OutboxRow> rows, WalPosition position, CancellationToken cancellationToken)
    {
        var posts = rows.FindAll(row => row.Kind == OutboxKind.Post);
        if (posts.Count == 0)
        {
            return rows.ConvertAll(Backfill);
        }

        var authors = posts.Select(row => row.User).ToHashSet();
        var sizes = await audiences.SizesAsync(authors, cancellationToken);
        var ranges = (await PullRangeStore.FindOpenAsync(connection, authors, cancellationToken)).ToDictionary(range => range.Author);
        await OpenAsync(connection, posts, sizes, ranges, cancellationToken);
        return rows.ConvertAll(row => row.Kind == OutboxKind.Post ? Route(row) : Backfill(row));

        RoutedPost Route(OutboxRow row)
        {
            if (ranges.TryGetValue(row.User, out var range) && row.Post >= range.From)
            {
                metrics.PostRouted(range.Reason == PullReason.Lag ? "shed" : "pulled");
                return new RoutedPost(row, Job: null, Queue: "");
            }

            metrics.PostRouted("pushed");
            var job = new FanOutJob(row.Post!.Value, row.User, position, After: 0);
            return sizes.GetValueOrDefault(row.User) is var followers && followers <= options.Value.ChunkSize
                ? new RoutedPost(row, job, QueueTopology.FanOutSmall, followers)
                : new RoutedPost(row, job with { Kind = FanOutKind.Plan }, QueueTopology.FanOutLarge);
        }

        RoutedPost Backfill(OutboxRow row) =>
            new(row, new FanOutJob(row.Other!.Value, row.User, position, After: 0, Kind: FanOutKind.Backfill), QueueTopology.FanOutLarge);
    }

    // For authors who have none and whose audience is too big now.
    private async Task OpenAsync(
        NpgsqlConnection connection, List<OutboxRow> posts, Dictionary<long, int> sizes, Dictionary<long, OpenRange> ranges, CancellationToken cancellationToken)
    {
        var threshold = shedding.Threshold;
        var wanted = posts
            .Where(row => !ranges.ContainsKey(row.User) && sizes.GetValueOrDefault(row.User) >= threshold)
            .GroupBy(row => row.User)
            .Select(rows => (rows.Key, rows.Min(row => row.Post!.Value), sizes[rows.Key] >= options.Value.Threshold ? PullReason.Audience : PullReason.Lag))
            .ToList();
        if (wanted.Count == 0)
        {
            return;
        }

        foreach (var range in await PullRangeStore.OpenAsync(connection, wanted, cancellationToken))
        {
            ranges.Add(range.Author, range);
            Log.PullRangeOpened(logger, range.Author, range.Reason);
        }
    }
}
