using Npgsql;

namespace Floodgate.Nodes;

/// <summary>
/// Asks a primary for its timeline history, which it keeps as a file. That takes a superuser or <c>GRANT EXECUTE ON FUNCTION
/// pg_read_file(text, bigint, bigint, boolean)</c>
/// (https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-GENFILE).
/// </summary>
internal static class TimelineHistoryQuery
{
    private const string Sql = "SELECT pg_read_file('pg_wal/' || upper(lpad(to_hex($1), 8, '0')) || '.history', 0, 1000000, true)";

    /// <summary>Reads the file.</summary>
    /// <returns>What it holds, empty where there is none; null where it may not be read.</returns>
    public static async Task<string?> ReadAsync(NpgsqlDataSource source, uint timeline, CancellationToken cancellationToken)
    {
        if (timeline <= 1)
        {
            return "";
        }

        await using var command = source.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = (int)timeline });
        try
        {
            return await command.ExecuteScalarAsync(cancellationToken) as string;
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return null;
        }
    }
}
