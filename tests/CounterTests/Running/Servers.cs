using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Floodgate.Schema;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using RabbitMQ.Client;
using StackExchange.Redis;

[assembly: AssemblyFixture(typeof(Floodgate.CounterTests.Running.Servers))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Floodgate.CounterTests.Running;

/// <summary>
/// The AppHost's PostgreSQL, Redis and RabbitMQ for all tests of the assembly, without its services: the tests run their
/// own. The schema is in place, and some posts are.
/// </summary>
public sealed class Servers : IAsyncLifetime
{
    public const int Posts = 400;

    private static readonly string[] Names = ["floodgate", "replica-1", "redis", "rabbitmq"];

    private DistributedApplication? _app;
    private ConnectionMultiplexer? _redis;
    private IConnection? _broker;

    public string PostgresConnection { get; private set; } = "";

    public string ReplicaConnection { get; private set; } = "";

    public string RedisConnection { get; private set; } = "";

    public string BrokerConnection { get; private set; } = "";

    public NpgsqlDataSource Postgres { get; private set; } = null!;

    public IConnectionMultiplexer Redis => _redis!;

    public IConnection Broker => _broker!;

    public async ValueTask InitializeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(limit.Token);
        foreach (var service in builder.Resources.OfType<ProjectResource>().ToList())
        {
            builder.Resources.Remove(service);
        }

        _app = await builder.BuildAsync(limit.Token);
        await _app.StartAsync(limit.Token);
        foreach (var name in Names)
        {
            await _app.ResourceNotifications.WaitForResourceHealthyAsync(name, limit.Token);
        }

        PostgresConnection = await ConnectAsync("floodgate");
        ReplicaConnection = await ConnectAsync("replica-1") + ";Database=floodgate";
        RedisConnection = await ConnectAsync("redis");
        BrokerConnection = await ConnectAsync("rabbitmq");
        Postgres = NpgsqlDataSource.Create(PostgresConnection);
        _redis = await ConnectionMultiplexer.ConnectAsync(RedisConnection + ",allowAdmin=true");
        _broker = await new ConnectionFactory { Uri = new Uri(BrokerConnection) }.CreateConnectionAsync();
        await new Migrator(() => Postgres, NullLogger<Migrator>.Instance).MigrateAsync(Migration.All, CancellationToken.None);
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

    /// <summary>Stops a server and starts it again, and waits until it answers.</summary>
    public async Task RestartAsync(string name)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        var stopped = await _app!.ResourceCommands.ExecuteCommandAsync(name, KnownResourceCommands.StopCommand, limit.Token);
        var started = await _app.ResourceCommands.ExecuteCommandAsync(name, KnownResourceCommands.StartCommand, limit.Token);
        Assert.True(stopped.Success && started.Success, $"{stopped.Message} {started.Message}");
        await Wait.UntilAsync(() => AnswersAsync(name), $"{name} answers again", seconds: 60);
    }

    /// <summary>The id of a server's process.</summary>
    public int ProcessOf(string name) =>
        _app!.ResourceNotifications.TryGetCurrentState(name, out var state) && PidOf(state) is { } pid
            ? pid
            : throw new InvalidOperationException($"{name} does not run.");

    /// <summary>Kills a server with SIGKILL, and waits until it is gone. The host starts it again by itself.</summary>
    public async Task KillAsync(string name)
    {
        var killed = ProcessOf(name);
        using (var process = System.Diagnostics.Process.GetProcessById(killed))
        {
            process.Kill();
        }

        await _app!.ResourceNotifications
            .WaitForResourceAsync(name, state => PidOf(state) != killed, TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
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
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    /// <summary>Whether a server answers.</summary>
    public async Task<bool> AnswersAsync(string name)
    {
        try
        {
            switch (name)
            {
                case "redis":
                    await _redis!.GetDatabase().PingAsync();
                    return true;
                case "rabbitmq":
                    await using (await new ConnectionFactory { Uri = new Uri(BrokerConnection) }.CreateConnectionAsync())
                    {
                        return true;
                    }

                default:
                    return await ScalarAsync<int>("SELECT 1") == 1;
            }
        }
        catch (Exception exception) when (exception is NpgsqlException or RedisException or RabbitMQ.Client.Exceptions.BrokerUnreachableException)
        {
            return false;
        }
    }

    private static int? PidOf(ResourceEvent state) =>
        state.Snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value is { } pid
            ? Convert.ToInt32(pid, System.Globalization.CultureInfo.InvariantCulture)
            : null;

    private async Task<string> ConnectAsync(string name) =>
        await _app!.GetConnectionStringAsync(name) ?? throw new InvalidOperationException($"There is no connection string {name}.");
}
