using Floodgate.Bench.Measuring;
using Npgsql;
using NpgsqlTypes;

namespace Floodgate.Bench.Timelines;

/// <summary>Writes the population into the primary by COPY, before anybody has read anything.</summary>
internal sealed class PopulationLoad(NpgsqlDataSource primary, TimeProvider time)
{
    // Follows of a million users would be checked one by one against the users, who are all there.
    private const string WithoutChecks = "SET session_replication_role = replica";

    private const string Behind = """
        SELECT count(*) FROM pg_stat_replication WHERE replay_lsn < (SELECT pg_current_wal_lsn())
        """;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>The text of every post.</summary>
    public static string TextOf(int post) => FormattableString.Invariant($"Post {post} of the synthetic population, with a text of about the length that posts have on the average.");

    /// <summary>Writes users.</summary>
    public Task UsersAsync(IEnumerable<long> users, Progress progress, CancellationToken cancellation) => CopyAsync(
        "COPY users (id, name) FROM STDIN (FORMAT BINARY)",
        users,
        async (writer, user) =>
        {
            await writer.WriteAsync(user, NpgsqlDbType.Bigint, cancellation);
            await writer.WriteAsync("user", NpgsqlDbType.Text, cancellation);
        },
        progress,
        cancellation);

    /// <summary>Writes follows.</summary>
    public Task FollowsAsync(IEnumerable<(long Follower, long Followee)> follows, Progress progress, CancellationToken cancellation) => CopyAsync(
        "COPY follows (follower, followee) FROM STDIN (FORMAT BINARY)",
        follows,
        async (writer, follow) =>
        {
            await writer.WriteAsync(follow.Follower, NpgsqlDbType.Bigint, cancellation);
            await writer.WriteAsync(follow.Followee, NpgsqlDbType.Bigint, cancellation);
        },
        progress,
        cancellation);

    /// <summary>Writes posts that nobody is told of.</summary>
    public Task PostsAsync(IReadOnlyList<long> posts, Progress progress, CancellationToken cancellation) => CopyAsync(
        "COPY posts (id, author, text) FROM STDIN (FORMAT BINARY)",
        Enumerable.Range(0, posts.Count),
        async (writer, post) =>
        {
            await writer.WriteAsync(posts[post], NpgsqlDbType.Bigint, cancellation);
            await writer.WriteAsync(Population.AuthorOf(post), NpgsqlDbType.Bigint, cancellation);
            await writer.WriteAsync(TextOf(post), NpgsqlDbType.Text, cancellation);
        },
        progress,
        cancellation);

    /// <summary>Has the posts of the famous merged from the first one on.</summary>
    public async Task OpenRangesAsync(IEnumerable<long> famous, CancellationToken cancellation)
    {
        await using var command = primary.CreateCommand("""
            WITH opened AS (INSERT INTO pull_ranges (author, from_post, reason) SELECT a, 1, 'audience' FROM unnest($1) AS a RETURNING author)
            INSERT INTO outbox (kind, user_id) SELECT 'pull', author FROM opened
            """);
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. famous] });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Has the planner know what is there and that all see it, as autovacuum would a minute later, and waits until the replicas have it.</summary>
    public async Task SettleAsync(CancellationToken cancellation)
    {
        await using var analyze = primary.CreateCommand("VACUUM (ANALYZE) users, follows, posts");
        await analyze.ExecuteNonQueryAsync(cancellation);
        await using var behind = primary.CreateCommand(Behind);
        while ((long)(await behind.ExecuteScalarAsync(cancellation))! > 0) await Task.Delay(Look, time, cancellation);
    }

    private async Task CopyAsync<T>(
        string sql, IEnumerable<T> rows, Func<NpgsqlBinaryImporter, T, Task> write, Progress progress, CancellationToken cancellation)
    {
        await using var connection = await primary.OpenConnectionAsync(cancellation);
        await using var setting = new NpgsqlCommand(WithoutChecks, connection);
        await setting.ExecuteNonQueryAsync(cancellation);
        await using var writer = await connection.BeginBinaryImportAsync(sql, cancellation);
        foreach (var row in rows)
        {
            await writer.StartRowAsync(cancellation);
            await write(writer, row);
            progress.Add(1);
        }

        await writer.CompleteAsync(cancellation);
    }
}
