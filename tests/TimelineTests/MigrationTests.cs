using Floodgate.Schema;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Floodgate.TimelineTests;

public sealed class MigrationTests(Servers servers)
{
    [Fact]
    public async Task However_many_start_at_once_each_script_runs_once()
    {
        var name = $"migrations_{servers.NewUser()}";
        await ExecuteAsync($"CREATE DATABASE {name}");
        try
        {
            var connection = new NpgsqlConnectionStringBuilder(servers.Primary) { Database = name, Pooling = false }.ConnectionString;
            await using var source = NpgsqlDataSource.Create(connection);
            var starters = Enumerable.Range(0, 8)
                .Select(_ => new Migrator(() => source, NullLogger<Migrator>.Instance).MigrateAsync(Migration.All, TestContext.Current.CancellationToken));

            var applied = await Task.WhenAll(starters);

            Assert.Equal(Migration.All.Count, applied.Sum());
            await using var count = source.CreateCommand("SELECT count(*) FROM schema_migrations");
            Assert.Equal((long)Migration.All.Count, await count.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        }
        finally
        {
            await ExecuteAsync($"DROP DATABASE {name} WITH (FORCE)");
        }
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(servers.Primary + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
