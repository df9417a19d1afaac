using System.Security.Cryptography;
using System.Text;
using Floodgate.Leases;
using Floodgate.Nodes;
using Floodgate.Sessions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Floodgate.TimelineService.Posts;

/// <summary>Writes posts. A post, its outbox row and the memory of its Idempotency-Key commit together.</summary>
internal sealed class PostStore(PostgresNodes nodes, IOptions<TimelineOptions> options, TimeProvider time)
{
    private const string Insert = $"""
        WITH post AS (INSERT INTO posts (author, text) VALUES ($1, $2) RETURNING id, created_at),
            told AS (INSERT INTO outbox (kind, user_id, post_id, trace_parent) SELECT 'post', $1, id, $3 FROM post RETURNING id)
        SELECT post.id, created_at, told.id, {WalPositionQuery.LockedLsn} FROM post, told
        """;

    // Of two requests with the same key the second waits here until the first has committed, and then inserts nothing.
    private const string InsertOnce = $"""
        WITH request AS (
                INSERT INTO post_requests (user_id, key, request_hash, post_id) VALUES ($1, $4, $5, next_post_id())
                ON CONFLICT DO NOTHING RETURNING post_id),
            post AS (INSERT INTO posts (id, author, text) SELECT post_id, $1, $2 FROM request RETURNING id, created_at),
            told AS (INSERT INTO outbox (kind, user_id, post_id, trace_parent) SELECT 'post', $1, id, $3 FROM post RETURNING id),
            ended AS (INSERT INTO pending_posts (id, user_id, post_id) SELECT $6, $1, id FROM post WHERE $6 IS NOT NULL ON CONFLICT DO NOTHING)
        SELECT post.id, created_at, told.id, {WalPositionQuery.LockedLsn} FROM post, told
        """;

    private const string FindRequest = """
        SELECT r.request_hash, p.id, p.created_at FROM post_requests r JOIN posts p ON p.id = r.post_id
        WHERE r.user_id = $1 AND r.key = $2
        """;

    private const string Update = $"""
        WITH changed AS (
                UPDATE posts SET text = $3, edited_at = clock_timestamp() WHERE id = $1 AND author = $2 AND deleted_at IS NULL
                RETURNING id, created_at, edited_at, {WalPositionQuery.LockedLsn} AS locked),
            told AS (INSERT INTO outbox (kind, user_id, post_id) SELECT 'edit', $2, id FROM changed RETURNING id)
        SELECT told.id, locked, created_at, edited_at FROM changed, told
        """;

    private const string Delete = $"""
        WITH changed AS (
                UPDATE posts SET deleted_at = clock_timestamp() WHERE id = $1 AND author = $2 AND deleted_at IS NULL
                RETURNING id, {WalPositionQuery.LockedLsn} AS locked),
            told AS (INSERT INTO outbox (kind, user_id, post_id) SELECT 'edit', $2, id FROM changed RETURNING id)
        SELECT told.id, locked FROM changed, told
        """;

    private const string FindAuthor = "SELECT author FROM posts WHERE id = $1 AND deleted_at IS NULL";

    // Ids hold a millisecond and 12 bits of a sequence: a clock set back can give one twice, hardly three times.
    private const int InsertAttempts = 3;

    /// <summary>Writes a post.</summary>
    /// <param name="author">The author.</param>
    /// <param name="text">A valid text.</param>
    /// <param name="key">The Idempotency-Key, or null.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    /// <param name="pending">
    /// The message of a pending post, which has a key: how it ended commits with the post, so that a failover loses both or none.
    /// </param>
    /// <exception cref="NodeUnavailableException">The primary takes no writes now: nothing was written.</exception>
    public async Task<PostWrite> CreateAsync(long author, string text, string? key, CancellationToken cancellationToken, Guid? pending = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (await InsertAsync(author, text, key, pending, cancellationToken) is { } write)
                {
                    return write;
                }

                if (attempt == InsertAttempts)
                {
                    return new PostWrite(PostOutcome.OtherRequest, null, default);
                }
            }
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.ForeignKeyViolation)
            {
                return new PostWrite(PostOutcome.NoSuchUser, null, default);
            }
            catch (PostgresException exception) when (IsRefusal(exception))
            {
                throw new NodeUnavailableException(nodes.PrimaryName, "The primary takes no writes now.", exception);
            }
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation && attempt < InsertAttempts)
            {
                // The transaction wrote nothing: a new attempt takes another id.
            }
        }
    }

    public async Task<PostWrite> UpdateAsync(long id, long author, string text, CancellationToken cancellationToken)
    {
        await using var connection = await nodes.Primary.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Write(new NpgsqlBatchCommand(Update) { Parameters = { Of(id), Of(author), Of(text) } }));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(WalPositionQuery.Sql));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(FindAuthor) { Parameters = { Of(id) } });
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        var written = await ReadWrittenAsync(row, cancellationToken);
        var post = written is null ? null : new Post(id, author, text, row.GetDateTime(2), row.GetDateTime(3));
        return await ReadOutcomeAsync(row, author, written, post, cancellationToken);
    }

    public async Task<PostWrite> DeleteAsync(long id, long author, CancellationToken cancellationToken)
    {
        await using var connection = await nodes.Primary.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Write(new NpgsqlBatchCommand(Delete) { Parameters = { Of(id), Of(author) } }));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(WalPositionQuery.Sql));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(FindAuthor) { Parameters = { Of(id) } });
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        return await ReadOutcomeAsync(row, author, await ReadWrittenAsync(row, cancellationToken), post: null, cancellationToken);
    }

    // Null where the same key came before and was forgotten meanwhile.
    private async Task<PostWrite?> InsertAsync(long author, string text, string? key, Guid? pending, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        var hash = key is null ? [] : SHA256.HashData(Encoding.UTF8.GetBytes(text));
        await using (var batch = new NpgsqlBatch(connection))
        {
            var insert = new NpgsqlBatchCommand(key is null ? Insert : InsertOnce) { Parameters = { Of(author), Of(text), Of(System.Diagnostics.Activity.Current?.Id) } };
            if (key is not null)
            {
                insert.Parameters.Add(Of(key));
                insert.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = hash });
                insert.Parameters.Add(new NpgsqlParameter { Value = pending is { } message ? message : DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid });
            }

            batch.BatchCommands.Add(Write(insert));
            batch.BatchCommands.Add(new NpgsqlBatchCommand(WalPositionQuery.Sql));
            await using var row = await batch.ExecuteReaderAsync(cancellationToken);
            var post = await row.ReadAsync(cancellationToken)
                ? new Post(row.GetInt64(0), author, text, row.GetDateTime(1), EditedAt: null)
                : null;
            var (told, locked) = post is null ? default : (row.GetInt64(2), WalPositionQuery.ReadLsn(row, 3));
            await row.NextResultAsync(cancellationToken);
            await row.ReadAsync(cancellationToken);
            if (post is not null)
            {
                var position = WalPositionQuery.Read(row);
                return new PostWrite(PostOutcome.Done, post, position) { Told = Tell(told, locked, position) };
            }
        }

        return await FindRepeatedAsync(connection, author, text, key!, hash, cancellationToken);
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(options.Value.ConnectTimeout, time);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        var opening = nodes.Primary.OpenConnectionAsync(limited.Token).AsTask();
        try
        {
            // A server that takes the connection and says nothing does not answer the driver's own cancellation either.
            return await opening.WaitAsync(limited.Token);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested
            && NodeFailure.Is(exception))
        {
            _ = DisposeLateAsync(opening);
            throw new NodeUnavailableException(nodes.PrimaryName, "No connection to the primary could be opened.", exception);
        }
    }

    private static async Task DisposeLateAsync(Task<NpgsqlConnection> opening)
    {
        try
        {
            await (await opening).DisposeAsync();
        }
        catch (Exception exception) when (NodeFailure.Is(exception))
        {
            // It never opened.
        }
    }

    // It starts, it is a replica, it is full: said before anything is written.
    private static bool IsRefusal(PostgresException exception) => exception.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction
        or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.DiskFull or PostgresErrorCodes.OutOfMemory;

    // The same key came before: the same request gets the same answer.
    private static async Task<PostWrite?> FindRepeatedAsync(
        NpgsqlConnection connection, long author, string text, string key, byte[] hash, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(FindRequest) { Parameters = { Of(author), Of(key) } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(WalPositionQuery.Sql));
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
        {
            return null;
        }

        if (!row.GetFieldValue<byte[]>(0).AsSpan().SequenceEqual(hash))
        {
            return new PostWrite(PostOutcome.OtherRequest, null, default);
        }

        var post = new Post(row.GetInt64(1), author, text, row.GetDateTime(2), EditedAt: null);
        await row.NextResultAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return new PostWrite(PostOutcome.Repeated, post, WalPositionQuery.Read(row));
    }

    // The outbox row and the position under the post's lock; null where nothing was written.
    private static async Task<(long Told, Lsn Locked)?> ReadWrittenAsync(NpgsqlDataReader row, CancellationToken cancellationToken) =>
        await row.ReadAsync(cancellationToken) ? (row.GetInt64(0), WalPositionQuery.ReadLsn(row, 1)) : null;

    private static CommittedWrite Tell(long outbox, Lsn locked, WalPosition position) =>
        new(position, outbox) { Locked = position with { Lsn = locked } };

    private static async Task<PostWrite> ReadOutcomeAsync(
        NpgsqlDataReader row, long author, (long Told, Lsn Locked)? written, Post? post, CancellationToken cancellationToken)
    {
        await row.NextResultAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var position = WalPositionQuery.Read(row);
        if (written is { } write)
        {
            return new PostWrite(PostOutcome.Done, post, position) { Told = Tell(write.Told, write.Locked, position) };
        }

        await row.NextResultAsync(cancellationToken);
        var foreign = await row.ReadAsync(cancellationToken) && row.GetInt64(0) != author;
        return new PostWrite(foreign ? PostOutcome.NotTheAuthor : PostOutcome.NoSuchPost, null, position);
    }

    // The barrier commits the write before the position is asked for.
    private static NpgsqlBatchCommand Write(NpgsqlBatchCommand command)
    {
        command.AppendErrorBarrier = true;
        return command;
    }

    private static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };
}
