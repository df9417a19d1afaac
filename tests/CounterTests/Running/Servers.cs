using Floodgate.Schema;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using RabbitMQ.Client;
using StackExchange.Redis;

[assembly: AssemblyFixture(typeof(Floodgate.CounterTests.Running.Servers))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Floodgate.CounterTests.Running;

/// <summary>PostgreSQL, Redis and RabbitMQ for all tests of the assembly, with the schema in place and some posts.</summary>
public sealed class Servers : IAsyncLifetime
{
    public const int Posts = 50;

    private ConnectionMultiplexer? _redis;
    private IConnection? _broker;

    public string PostgresConnection { get; private set; } = "";

    public string RedisConnection { get; private set; } = "";

    public string BrokerConnection { get; private set; } = "";

    public NpgsqlDataSource Postgres { get; private set; } = null!;

    public IConnectionMultiplexer Redis => _redis!;

    public IConnection Broker => _broker!;

    public async ValueTask InitializeAsync()
    {
        PostgresConnection = Environment.GetEnvironmentVariable("ConnectionStrings__floodgate")!;
        RedisConnection = Environment.GetEnvironmentVariable("ConnectionStrings__redis")!;
        BrokerConnection = Environment.GetEnvironmentVariable("ConnectionStrings__rabbitmq")!;
        Postgres = NpgsqlDataSource.Create(PostgresConnection);
        _redis = await ConnectionMultiplexer.ConnectAsync(RedisConnection + ",allowAdmin=true");
        _broker = await new ConnectionFactory { Uri = new Uri(BrokerConnection) }.CreateConnectionAsync();
        await new Migrator(Postgres, NullLogger<Migrator>.Instance).MigrateAsync(Migration.All, CancellationToken.None);
        await ExecuteAsync($"""
            INSERT INTO users (id, name) VALUES (1, 'ann') ON CONFLICT DO NOTHING;
            INSERT INTO posts (id, author, text) SELECT i, 1, 'a post' FROM generate_series(1, {Posts}) i ON CONFLICT DO NOTHING;
            INSERT INTO posts (id, author, text, deleted_at) VALUES (1000, 1, 'gone', now()) ON CONFLICT DO NOTHING
            """);
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Postgres.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Postgres.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    public Task FlushRedisAsync() => _redis!.GetServer(_redis.GetEndPoints()[0]).FlushAllDatabasesAsync();

    public async ValueTask DisposeAsync()
    {
        _redis?.Dispose();
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }

        await Postgres.DisposeAsync();
    }
}
