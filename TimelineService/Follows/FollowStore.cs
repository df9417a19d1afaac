using Floodgate.Leases;
using Floodgate.Nodes;
using Floodgate.Sessions;
using Npgsql;

namespace Floodgate.TimelineService.Follows;

/// <summary>Who follows whom, in PostgreSQL. A change and its outbox row commit together.</summary>
internal sealed class FollowStore(PostgresNodes nodes)
{
    private const string InsertSql = $"""
        WITH changed AS (INSERT INTO follows (follower, followee) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING follower, followee)
        INSERT INTO outbox (kind, user_id, other_id, trace_parent) SELECT 'follow', follower, followee, $3 FROM changed
        RETURNING id, {WalPositionQuery.LockedLsn}
        """;

    private const string DeleteSql = $"""
        WITH changed AS (DELETE FROM follows WHERE follower = $1 AND followee = $2 RETURNING follower, followee)
        INSERT INTO outbox (kind, user_id, other_id, trace_parent) SELECT 'follow', follower, followee, $3 FROM changed
        RETURNING id, {WalPositionQuery.LockedLsn}
        """;

    private const string CountUsers = "SELECT count(*) FROM users WHERE id IN ($1, $2)";

    /// <summary>Writes a follow; a repeat changes nothing.</summary>
    public async Task<FollowChange> FollowAsync(long follower, long followee, CancellationToken cancellationToken)
    {
        try
        {
            return await ChangeAsync(InsertSql, follower, followee, cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            return FollowChange.NoSuchUser;
        }
    }

    /// <summary>Removes a follow; a repeat changes nothing.</summary>
    public async Task<FollowChange> UnfollowAsync(long follower, long followee, CancellationToken cancellationToken)
    {
        var change = await ChangeAsync(DeleteSql, follower, followee, cancellationToken);
        return change.Told is null && !await ExistAsync(follower, followee, cancellationToken) ? FollowChange.NoSuchUser : change;
    }

    private async Task<FollowChange> ChangeAsync(string sql, long follower, long followee, CancellationToken cancellationToken)
    {
        await using var connection = await nodes.Primary.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(sql)
        {
            Parameters =
            {
                new NpgsqlParameter<long> { TypedValue = follower },
                new NpgsqlParameter<long> { TypedValue = followee },
                new NpgsqlParameter<string?> { TypedValue = System.Diagnostics.Activity.Current?.Id },
            },
            AppendErrorBarrier = true,
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(WalPositionQuery.Sql));
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        (long Told, Lsn Locked)? written = await row.ReadAsync(cancellationToken) ? (row.GetInt64(0), WalPositionQuery.ReadLsn(row, 1)) : null;
        await row.NextResultAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var position = WalPositionQuery.Read(row);
        return new FollowChange(
            Exists: true, written is { } write ? new CommittedWrite(position, write.Told) { Locked = position with { Lsn = write.Locked } } : null, position);
    }

    private async Task<bool> ExistAsync(long follower, long followee, CancellationToken cancellationToken)
    {
        await using var command = nodes.Primary.CreateCommand(CountUsers);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = follower });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = followee });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))! == 2;
    }
}

/// <summary>What a follow or an unfollow did.</summary>
/// <param name="Exists">Whether both users exist.</param>
/// <param name="Told">What the caches are told, where something changed.</param>
/// <param name="Position">The primary's position after the commit.</param>
internal readonly record struct FollowChange(bool Exists, CommittedWrite? Told, WalPosition Position)
{
    public static FollowChange NoSuchUser => default;
}
