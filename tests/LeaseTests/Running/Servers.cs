using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Floodgate.Leases;
using Floodgate.Schema;
using Floodgate.Sessions;
using Npgsql;
using StackExchange.Redis;

namespace Floodgate.LeaseTests.Running;

/// <summary>PostgreSQL with two replicas and Redis, as the AppHost runs them, and a table that the tests cache.</summary>
public sealed class Servers : IAsyncLifetime
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(2);
    private static readonly string[] Nodes = ["floodgate", "replica-1", "replica-2"];
    private static readonly string[] Kept = [.. Nodes, "postgres", "redis"];

    private readonly Dictionary<string, string> _connections = new(StringComparer.Ordinal);
    private IDistributedApplicationTestingBuilder _builder = null!;
    private DistributedApplication _app = null!;
    private long _lastKey;

    /// <summary>The connection string of Redis.</summary>
    public string Redis { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        using var patience = new CancellationTokenSource(StartTimeout);
        _builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(patience.Token);
        foreach (var other in _builder.Resources.Where(resource => resource is not ParameterResource && !Kept.Contains(resource.Name, StringComparer.Ordinal)).ToArray())
            _builder.Resources.Remove(other);
        _app = await _builder.BuildAsync(patience.Token);
        await _app.StartAsync(patience.Token);
        foreach (var name in Nodes)
        {
            await _app.ResourceNotifications.WaitForResourceHealthyAsync(name, patience.Token);
            _connections[name] = new NpgsqlConnectionStringBuilder(await _app.GetConnectionStringAsync(name, patience.Token)) { Database = "floodgate" }.ConnectionString;
        }

        await _app.ResourceNotifications.WaitForResourceHealthyAsync("redis", patience.Token);
        Redis = await _app.GetConnectionStringAsync("redis", patience.Token) ?? "";
        await ExecuteAsync("floodgate", "CREATE TABLE items (id bigint PRIMARY KEY, text text NOT NULL)");
        foreach (var migration in Migration.All)
            await ExecuteAsync("floodgate", migration.Sql);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _builder.DisposeAsync();
    }

    /// <summary>A key that no other test uses.</summary>
    internal long NewKey() => Interlocked.Increment(ref _lastKey);

    /// <summary>The connection string of a node; <c>floodgate</c> is the primary.</summary>
    internal string ConnectionTo(string node) => _connections[node];

    /// <summary>Runs a statement on a node.</summary>
    internal async Task<object?> ExecuteAsync(string node, string sql)
    {
        await using var connection = new NpgsqlConnection(_connections[node]);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Writes a row as a service does: the position under the row's lock, the commit, the position after it.</summary>
    internal async Task<CommittedWrite> WriteAsync(long key, string? text, long id = 0)
    {
        await using var connection = new NpgsqlConnection(_connections["floodgate"]);
        await connection.OpenAsync();
        await using var write = new NpgsqlCommand(
            text is null
                ? "DELETE FROM items WHERE id = $1 RETURNING pg_current_wal_insert_lsn()::text, $2::text"
                : "INSERT INTO items VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET text = excluded.text RETURNING pg_current_wal_insert_lsn()::text",
            connection)
        {
            Parameters = { new() { Value = key }, new() { Value = text ?? "" } },
        };
        var locked = (string)(await write.ExecuteScalarAsync())!;
        await using var after = new NpgsqlCommand("SELECT pg_current_wal_lsn()::text", connection);
        return new CommittedWrite(PositionOf((string)(await after.ExecuteScalarAsync())!), id) { Locked = PositionOf(locked) };
    }

    /// <summary>A replica that has replayed everything so far, and nothing more until this is disposed of.</summary>
    internal async Task<IAsyncDisposable> PauseAsync(string replica)
    {
        await CatchUpAsync();
        await ExecuteAsync(replica, "SELECT pg_wal_replay_pause()");
        await Until.Async(async () => await ExecuteAsync(replica, "SELECT pg_get_wal_replay_pause_state()") is "paused");
        return new Undo(() => ExecuteAsync(replica, "SELECT pg_wal_replay_resume()"));
    }

    /// <summary>Waits until the replicas have replayed all that the primary has written.</summary>
    internal async Task CatchUpAsync()
    {
        var written = (string)(await ExecuteAsync("floodgate", "SELECT pg_current_wal_lsn()::text"))!;
        foreach (var replica in Nodes.Skip(1))
            await Until.Async(async () => await ExecuteAsync(replica, $"SELECT pg_last_wal_replay_lsn() >= '{written}'") is true);
    }

    /// <summary>Starts Redis anew: everything in it is lost.</summary>
    internal async Task RestartRedisAsync()
    {
        await CommandAsync(KnownResourceCommands.StopCommand);
        await CommandAsync(KnownResourceCommands.StartCommand);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("redis");
    }

    /// <summary>Redis takes connections and says nothing, until this is disposed of. It keeps what it has.</summary>
    internal async Task<IAsyncDisposable> HangRedisAsync()
    {
        using var redis = await ConnectRedisAsync();
        var info = (string)(RedisValue)await redis.GetDatabase().ExecuteAsync("INFO", "server")!;
        var id = info.Split('\n').Single(line => line.StartsWith("process_id:", StringComparison.Ordinal)).Split(':')[1].Trim();
        await SignalAsync("STOP", id);
        return new Undo(() => SignalAsync("CONT", id));
    }

    /// <summary>Nobody can raise the epoch, until this is disposed of.</summary>
    internal async Task<IAsyncDisposable> LockEpochAsync()
    {
        var connection = new NpgsqlConnection(_connections["floodgate"]);
        await connection.OpenAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand("SELECT 1 FROM visible_epoch FOR UPDATE", connection, transaction);
        await command.ExecuteScalarAsync();
        return new Undo(async () => await connection.DisposeAsync());
    }

    /// <summary>A connection to Redis of the test's own.</summary>
    internal async Task<ConnectionMultiplexer> ConnectRedisAsync() => await ConnectionMultiplexer.ConnectAsync(Redis);

    private static WalPosition PositionOf(string lsn) => new(1, Lsn.Parse(lsn, CultureInfo.InvariantCulture));

    private static async Task SignalAsync(string signal, string process)
    {
        using var kill = System.Diagnostics.Process.Start("kill", [$"-{signal}", process]);
        await kill.WaitForExitAsync();
    }

    private async Task CommandAsync(string command) =>
        Assert.True((await _app.ResourceCommands.ExecuteCommandAsync("redis", command)).Success, command);

    private sealed class Undo(Func<Task> undo) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await undo();
    }
}
