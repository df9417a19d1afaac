using Npgsql;

namespace Floodgate.TimelineService.Import;

/// <summary>Runs the statements of an import, which take longer than others may.</summary>
internal static class ImportCommands
{
    public static async Task<int> ExecuteAsync(this NpgsqlConnection connection, string sql, int timeoutSeconds, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = timeoutSeconds };
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
