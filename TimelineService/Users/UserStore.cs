using Floodgate.Leases;
using Floodgate.Nodes;
using Floodgate.Sessions;
using Npgsql;

namespace Floodgate.TimelineService.Users;

/// <summary>Users in PostgreSQL.</summary>
internal sealed class UserStore(PostgresNodes nodes)
{
    private const string Select = """
        SELECT u.id, u.name,
            (SELECT count(*) FROM follows f WHERE f.followee = u.id),
            (SELECT count(*) FROM follows f WHERE f.follower = u.id)
        FROM users u WHERE u.id = $1
        """;

    private const string Upsert = $"""
        WITH changed AS (
            INSERT INTO users (id, name) VALUES ($1, $2)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE users.name <> excluded.name
            RETURNING id, {WalPositionQuery.LockedLsn} AS locked),
            told AS (INSERT INTO outbox (kind, user_id) SELECT 'user', id FROM changed RETURNING id)
        SELECT told.id, locked FROM changed, told
        """;

    /// <summary>Writes a user.</summary>
    /// <returns>The user, the primary's position, and what the caches are told; null where nothing changed.</returns>
    public async Task<(User User, WalPosition Position, CommittedWrite? Told)> PutAsync(long id, string name, CancellationToken cancellationToken)
    {
        await using var connection = await nodes.Primary.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);

        // The barrier commits the write before the position is asked for.
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Upsert)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = id }, new NpgsqlParameter<string> { TypedValue = name } },
            AppendErrorBarrier = true,
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(WalPositionQuery.Sql));
        batch.BatchCommands.Add(SelectOf(id));
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        (long Told, Lsn Locked)? written = await row.ReadAsync(cancellationToken) ? (row.GetInt64(0), WalPositionQuery.ReadLsn(row, 1)) : null;
        await row.NextResultAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var position = WalPositionQuery.Read(row);
        await row.NextResultAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        CommittedWrite? told = written is { } write ? new CommittedWrite(position, write.Told) { Locked = position with { Lsn = write.Locked } } : null;
        return (Read(row), position, told);
    }

    private static NpgsqlBatchCommand SelectOf(long id) => new(Select) { Parameters = { new NpgsqlParameter<long> { TypedValue = id } } };

    private static User Read(NpgsqlDataReader row) => new(row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3));
}
