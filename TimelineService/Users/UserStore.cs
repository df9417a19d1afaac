using Floodgate.Nodes;
using Floodgate.Sessions;
using Npgsql;

namespace Floodgate.TimelineService.Users;

/// <summary>Users in PostgreSQL.</summary>
internal sealed class UserStore(PostgresNodes nodes, NodeReader reader)
{
    private const string Select = """
        SELECT u.id, u.name,
            (SELECT count(*) FROM follows f WHERE f.followee = u.id),
            (SELECT count(*) FROM follows f WHERE f.follower = u.id)
        FROM users u WHERE u.id = $1
        """;

    private const string Upsert = """
        INSERT INTO users (id, name) VALUES ($1, $2)
        ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE users.name <> excluded.name
        """;

    public async Task<(User User, WalPosition Position)> PutAsync(long id, string name, CancellationToken cancellationToken)
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
        await row.ReadAsync(cancellationToken);
        var position = WalPositionQuery.Read(row);
        await row.NextResultAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return (Read(row), position);
    }

    public Task<ReadAt<User?>> FindAsync(long id, NodeRead where, CancellationToken cancellationToken) =>
        reader.ReadAsync(
            where,
            batch => batch.BatchCommands.Add(SelectOf(id)),
            async (row, token) => await row.ReadAsync(token) ? Read(row) : null,
            cancellationToken);

    private static NpgsqlBatchCommand SelectOf(long id) => new(Select) { Parameters = { new NpgsqlParameter<long> { TypedValue = id } } };

    private static User Read(NpgsqlDataReader row) => new(row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3));
}
