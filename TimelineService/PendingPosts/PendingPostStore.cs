using Floodgate.Nodes;
using Npgsql;

namespace Floodgate.TimelineService.PendingPosts;

/// <summary>What the primary remembers of pending posts: how each ended, and up to when the queue is drained.</summary>
internal sealed class PendingPostStore(PostgresNodes nodes)
{
    private const string Writable = "SELECT NOT pg_is_in_recovery() AND NOT current_setting('transaction_read_only')::bool";

    private const string FindEnded = "SELECT id FROM pending_posts WHERE id = ANY ($1)";

    private const string InsertEnd = """
        INSERT INTO pending_posts (id, user_id, post_id, refusal, content) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
        """;

    // Never ahead of the primary's own clock, whatever the clock of the service says.
    private const string Drain = """
        UPDATE pending_horizon SET drained_until = least($1, clock_timestamp()) WHERE drained_until < least($1, clock_timestamp())
        """;

    private const string IsOld = "SELECT drained_until < clock_timestamp() - $1 FROM pending_horizon";

    /// <summary>Whether the primary takes writes.</summary>
    /// <exception cref="NpgsqlException">It does not answer.</exception>
    public Task<bool> IsWritableAsync(CancellationToken cancellationToken) => AskAsync(new NpgsqlCommand(Writable), cancellationToken);

    /// <summary>Whether it was found out longer ago than this up to when the queue is drained.</summary>
    /// <exception cref="NpgsqlException">The primary does not answer.</exception>
    public Task<bool> IsHorizonOlderAsync(TimeSpan age, CancellationToken cancellationToken) =>
        AskAsync(new NpgsqlCommand(IsOld) { Parameters = { Of(age) } }, cancellationToken);

    /// <summary>Those of the messages that have ended.</summary>
    public async Task<HashSet<Guid>> EndedAsync(Guid[] ids, CancellationToken cancellationToken)
    {
        await using var command = nodes.Primary.CreateCommand(FindEnded);
        command.Parameters.Add(Of(ids));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var ended = new HashSet<Guid>();
        while (await row.ReadAsync(cancellationToken))
        {
            ended.Add(row.GetGuid(0));
        }

        return ended;
    }

    /// <summary>A post was published.</summary>
    public Task PublishedAsync(PendingPost post, long id, CancellationToken cancellationToken) =>
        EndAsync(post.Id, post.User, id, refusal: null, content: null, cancellationToken);

    /// <summary>A message can never be published. Its content is kept.</summary>
    public Task RefusedAsync(Guid id, long? user, string refusal, byte[] content, CancellationToken cancellationToken) =>
        EndAsync(id, user, post: null, refusal, content, cancellationToken);

    /// <summary>Everything that was queued before this moment has ended.</summary>
    public async Task DrainedAsync(DateTimeOffset until, CancellationToken cancellationToken)
    {
        await using var command = nodes.Primary.CreateCommand(Drain);
        command.Parameters.Add(Of(until));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task EndAsync(Guid id, long? user, long? post, string? refusal, byte[]? content, CancellationToken cancellationToken)
    {
        await using var command = nodes.Primary.CreateCommand(InsertEnd);
        command.Parameters.Add(Of(id));
        command.Parameters.Add(Of(user));
        command.Parameters.Add(Of(post));
        command.Parameters.Add(Of(refusal));
        command.Parameters.Add(Of(content));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<bool> AskAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using (command)
        {
            await using var connection = await nodes.Primary.OpenConnectionAsync(cancellationToken);
            command.Connection = connection;
            return await command.ExecuteScalarAsync(cancellationToken) is true;
        }
    }

    private static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };
}
