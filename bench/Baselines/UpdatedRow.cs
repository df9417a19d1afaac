using Npgsql;

namespace Floodgate.Bench.Baselines;

/// <summary>The one row that the direct UPDATE counts in. It is made at start.</summary>
internal sealed class UpdatedRow(NpgsqlDataSource source) : IHostedService
{
    /// <summary>The statement under measure.</summary>
    public const string Sql = "UPDATE bench_counter SET n = n + 1 WHERE id = 1 RETURNING n";

    private const string Create = """
        CREATE TABLE IF NOT EXISTS bench_counter (id integer PRIMARY KEY, n bigint NOT NULL);
        INSERT INTO bench_counter VALUES (1, 0) ON CONFLICT DO NOTHING
        """;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(Create);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
