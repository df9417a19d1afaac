using System.Globalization;
using Floodgate.TimelineService;
using Npgsql;

namespace Floodgate.TimelineTests.Histories;

/// <summary>Waits until what a history has written is fanned out, whatever others do meanwhile.</summary>
internal sealed class HistoryDrain(HistoryWorld world, HistoryModel model)
{
    private const string Rows = "SELECT count(*) FROM outbox WHERE user_id = ANY ($1)";
    private const string ClosedRanges = "SELECT count(*) FROM pull_ranges WHERE author = ANY ($1) AND until_post IS NOT NULL";

    // Many wait at the same time.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits for the posts that are known now, and lets every session see that they are there.</summary>
    /// <param name="withBackfills">Whether closed pull ranges are waited for, too.</param>
    public async Task RunAsync(bool withBackfills)
    {
        var posts = model.Known();
        var ids = posts.Select(post => post.Id).ToHashSet();
        await Eventually.BecomesAsync(
            async () => await CountAsync(Rows) == 0 && !await IsOpenAsync(ids) && (!withBackfills || await CountAsync(ClosedRanges) == 0), Pause);
        var position = await world.Any(0).PositionAsync();
        model.Drained(posts, position);
        model.AllSeen(position);
    }

    private async Task<long> CountAsync(string sql)
    {
        await using var command = world.Nodes.Primary.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. model.Users] });
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    // A row of the outbox becomes an open job before it goes, and a job opens those that it leaves behind before it ends.
    private async Task<bool> IsOpenAsync(HashSet<long> posts)
    {
        try
        {
            return Array.Exists(await world.Any(0).OpenJobsAsync(), name => PostOf(name) is { } post && posts.Contains(post));
        }
        catch (Exception exception) when (world.LosesRedis && RedisGate.IsFailure(exception))
        {
            return true;
        }
    }

    private static long? PostOf(string job)
    {
        var parts = job.Split(':');
        return parts[0] == "backfill" ? null : long.Parse(parts[0] == "plan" ? parts[1] : parts[0], CultureInfo.InvariantCulture);
    }
}
