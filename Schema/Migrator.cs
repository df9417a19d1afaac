using Microsoft.Extensions.Logging;
using Npgsql;

namespace Floodgate.Schema;

/// <summary>
/// Brings a database to the newest schema. However many instances start at once, each script runs once: they queue for
/// a session-level advisory lock, and whoever comes later finds the script in <c>schema_migrations</c>.
/// </summary>
/// <param name="primary">Finds the node that takes writes; asked for each run.</param>
/// <param name="logger">Where applied scripts are told.</param>
public sealed partial class Migrator(Func<NpgsqlDataSource> primary, ILogger<Migrator> logger)
{
    // Any number that nobody else locks: the ASCII codes of "floodgat".
    private const long AdvisoryLock = 0x666c6f6f64676174;

    private static readonly TimeSpan StatementTimeout = TimeSpan.FromMinutes(5);

    /// <summary>Applies what is missing.</summary>
    /// <param name="migrations">The scripts in order; <see cref="Migration.All"/> outside tests.</param>
    /// <param name="cancellationToken">Stops waiting; a script that has begun is rolled back.</param>
    /// <returns>How many scripts this call applied.</returns>
    /// <exception cref="NpgsqlException">The primary cannot be reached, or a script failed; nothing of it is left.</exception>
    public async Task<int> MigrateAsync(IReadOnlyList<Migration> migrations, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(migrations);
        await using var connection = await primary().OpenConnectionAsync(cancellationToken);
        try
        {
            // Within: who gives up as the server grants it may hold it all the same.
            await ExecuteAsync(connection, $"SELECT pg_advisory_lock({AdvisoryLock})", cancellationToken);
            return await ApplyMissingAsync(connection, migrations, cancellationToken);
        }
        finally
        {
            // The lock goes with the session, so a broken connection has let it go already.
            if (connection.State == System.Data.ConnectionState.Open)
            {
                await ExecuteAsync(connection, $"SELECT pg_advisory_unlock({AdvisoryLock})", CancellationToken.None);
            }
        }
    }

    private async Task<int> ApplyMissingAsync(NpgsqlConnection connection, IReadOnlyList<Migration> migrations, CancellationToken cancellationToken)
    {
        await ExecuteAsync(
            connection,
            "CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
            cancellationToken);
        var applied = await AppliedAsync(connection, cancellationToken);
        var count = 0;
        foreach (var migration in migrations.Where(migration => !applied.Contains(migration.Name)))
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await ExecuteAsync(connection, migration.Sql, cancellationToken);
            await using var record = new NpgsqlCommand("INSERT INTO schema_migrations (name) VALUES ($1)", connection, transaction)
            {
                Parameters = { new() { Value = migration.Name } },
            };
            await record.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            LogApplied(logger, migration.Name);
            count++;
        }

        return count;
    }

    private static async Task<HashSet<string>> AppliedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT name FROM schema_migrations", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = (int)StatementTimeout.TotalSeconds };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(EventId = 6001, Level = LogLevel.Information, Message = "Applied migration {Migration}")]
    private static partial void LogApplied(ILogger logger, string migration);
}
