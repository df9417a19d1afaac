using Floodgate.Nodes;
using Npgsql;

namespace Floodgate.TimelineService.PullRanges;

/// <summary>Why posts are merged instead of pushed.</summary>
internal enum PullReason
{
    /// <summary>The author has too many followers.</summary>
    Audience,

    /// <summary>Fan-out is behind, and the author has many followers.</summary>
    Lag,
}

/// <summary>An open pull range.</summary>
/// <param name="Id">Its key.</param>
/// <param name="Author">The author.</param>
/// <param name="From">The first post in it.</param>
/// <param name="Reason">Why it was opened.</param>
internal readonly record struct OpenRange(long Id, long Author, long From, PullReason Reason);

/// <summary>
/// Pull ranges in PostgreSQL. Whoever decides that a post is not pushed holds a shared lock on the open range that covers it until the outbox row of the
/// post is gone; whoever closes a range waits for them, and so covers every such post.
/// </summary>
internal sealed class PullRangeStore(PostgresNodes nodes)
{
    private const string FindOpen = """
        SELECT id, author, from_post, reason FROM pull_ranges WHERE author = ANY ($1) AND until_post IS NULL ORDER BY author FOR SHARE
        """;

    private const string OpenSql = """
        WITH opened AS (
                INSERT INTO pull_ranges (author, from_post, reason) SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[])
                ON CONFLICT (author) WHERE until_post IS NULL DO NOTHING RETURNING id, author, from_post, reason),
            told AS (INSERT INTO outbox (kind, user_id) SELECT 'pull', author FROM opened)
        SELECT id, author, from_post, reason FROM opened
        """;

    private const string ListOpen = "SELECT id, author, from_post, reason FROM pull_ranges WHERE until_post IS NULL AND id > $1 ORDER BY id LIMIT $2";

    // A relay that decides by the open range holds it: the lock is taken first, and only the next statement looks at the posts.
    private const string Lock = "SELECT 1 FROM pull_ranges WHERE id = $1 AND until_post IS NULL FOR UPDATE";

    private const string LimitWait = "SET LOCAL lock_timeout = '2s'";

    // A deleted post needs no range.
    private const string CloseSql = """
        WITH closed AS (
                UPDATE pull_ranges r SET until_post = greatest(r.from_post, (SELECT max(p.id) FROM posts p WHERE p.author = r.author AND p.deleted_at IS NULL))
                WHERE id = $1 AND until_post IS NULL RETURNING id, author)
        INSERT INTO outbox (kind, user_id, other_id) SELECT kind, author, id FROM closed, (VALUES ('pull'), ('backfill')) AS k (kind)
        """;

    private const string RemoveSql = """
        WITH removed AS (DELETE FROM pull_ranges WHERE id = $1 AND author = $2 AND until_post IS NOT NULL RETURNING author)
        INSERT INTO outbox (kind, user_id) SELECT 'pull', author FROM removed
        """;

    private const string CountSql = "SELECT count(*) FILTER (WHERE until_post IS NULL), count(*) FROM pull_ranges";

    /// <summary>The open ranges of authors, which stay open until the transaction ends.</summary>
    public static async Task<List<OpenRange>> FindOpenAsync(NpgsqlConnection connection, IReadOnlyCollection<long> authors, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(FindOpen, connection) { Parameters = { new NpgsqlParameter<long[]> { TypedValue = [.. authors] } } };
        return await ReadAsync(command, cancellationToken);
    }

    /// <summary>Opens ranges in the transaction of a connection; one that somebody else has opened meanwhile is left out.</summary>
    public static async Task<List<OpenRange>> OpenAsync(
        NpgsqlConnection connection, IReadOnlyList<(long Author, long From, PullReason Reason)> ranges, CancellationToken cancellationToken)
    {
        var ordered = ranges.OrderBy(range => range.Author).ToList();
        await using var command = new NpgsqlCommand(OpenSql, connection)
        {
            Parameters =
            {
                new NpgsqlParameter<long[]> { TypedValue = [.. ordered.Select(range => range.Author)] },
                new NpgsqlParameter<long[]> { TypedValue = [.. ordered.Select(range => range.From)] },
                new NpgsqlParameter<string[]> { TypedValue = [.. ordered.Select(range => NameOf(range.Reason))] },
            },
        };
        return await ReadAsync(command, cancellationToken);
    }

    /// <summary>Open ranges with a larger key, in the order of their keys.</summary>
    public async Task<List<OpenRange>> ListOpenAsync(long after, int count, CancellationToken cancellationToken)
    {
        await using var command = nodes.Primary.CreateCommand(ListOpen);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = count });
        return await ReadAsync(command, cancellationToken);
    }

    /// <summary>Closes a range at the author's newest post: later ones are pushed. The outbox asks for the ones before.</summary>
    public async Task CloseAsync(long range, CancellationToken cancellationToken)
    {
        await using var connection = await nodes.Primary.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var limit = new NpgsqlCommand(LimitWait, connection, transaction))
        {
            await limit.ExecuteNonQueryAsync(cancellationToken);
        }

        foreach (var sql in (string[])[Lock, CloseSql])
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction) { Parameters = { new NpgsqlParameter<long> { TypedValue = range } } };
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Removes a closed range, the posts of which are in all timelines.</summary>
    public async Task RemoveAsync(long range, long author, CancellationToken cancellationToken)
    {
        await using var command = nodes.Primary.CreateCommand(RemoveSql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = range });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = author });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>How many ranges are open, and how many there are.</summary>
    public async Task<(long Open, long All)> CountAsync(CancellationToken cancellationToken)
    {
        await using var command = nodes.Primary.CreateCommand(CountSql);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return (row.GetInt64(0), row.GetInt64(1));
    }

    private static async Task<List<OpenRange>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var ranges = new List<OpenRange>();
        while (await row.ReadAsync(cancellationToken))
        {
            ranges.Add(new OpenRange(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetString(3) == "lag" ? PullReason.Lag : PullReason.Audience));
        }

        return ranges;
    }

    private static string NameOf(PullReason reason) => reason == PullReason.Lag ? "lag" : "audience";
}
