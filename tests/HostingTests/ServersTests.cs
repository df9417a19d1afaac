using System.Globalization;
using System.Net.Http.Json;
using Npgsql;
using RabbitMQ.Client;

namespace Floodgate.HostingTests;

/// <summary>Real servers: they stream, they come back, they listen on loopback alone.</summary>
public sealed class ServersTests(RunningApplication running)
{
    private const string ListenState = "0A";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task What_is_written_on_the_primary_is_seen_on_both_replicas()
    {
        using var timeout = Timeout();
        await ExecuteAsync("things", "CREATE TABLE streamed (id int PRIMARY KEY); INSERT INTO streamed VALUES (42)", timeout.Token);
        foreach (var replica in new[] { "replica-1", "replica-2" })
        {
            await EventuallyAsync(async () => 42.Equals(await AskAsync(replica, "SELECT id FROM streamed", timeout.Token)), timeout.Token);
            Assert.Equal(true, await AskAsync(replica, "SELECT pg_is_in_recovery()", timeout.Token));
        }

        Assert.Equal(2L, await AskAsync("things", "SELECT count(*) FROM pg_stat_replication WHERE application_name LIKE 'replica-%'", timeout.Token));
    }

    [Fact]
    public async Task Settings_of_the_primary_hold_on_its_replicas()
    {
        using var timeout = Timeout();
        Assert.Equal("150", await AskAsync("things", "SHOW max_connections", timeout.Token));
        Assert.Equal("150", await AskAsync("replica-1", "SHOW max_connections", timeout.Token));
    }

    [Fact]
    public async Task A_killed_Redis_comes_back_on_its_port()
    {
        using var timeout = Timeout();
        var before = await running.App.GetConnectionStringAsync("redis", timeout.Token);
        await running.KillAndAwaitReturnAsync("redis", timeout.Token);
        Assert.Equal(before, await running.App.GetConnectionStringAsync("redis", timeout.Token));
    }

    [Fact]
    public async Task A_killed_primary_comes_back_with_what_it_acknowledged_and_streams_again()
    {
        using var timeout = Timeout();
        await ExecuteAsync("things", "CREATE TABLE kept (id int PRIMARY KEY); INSERT INTO kept VALUES (1)", timeout.Token);
        await running.KillAndAwaitReturnAsync("postgres", timeout.Token);
        NpgsqlConnection.ClearAllPools();
        await ExecuteAsync("things", "INSERT INTO kept VALUES (2)", timeout.Token);
        await EventuallyAsync(async () => 2L.Equals(await AskAsync("replica-2", "SELECT count(*) FROM kept", timeout.Token)), timeout.Token);
    }

    [Fact]
    public async Task A_killed_replica_comes_back_and_catches_up()
    {
        using var timeout = Timeout();
        await running.KillAndAwaitReturnAsync("replica-1", timeout.Token);
        NpgsqlConnection.ClearAllPools();
        await ExecuteAsync("things", "CREATE TABLE caught_up (id int)", timeout.Token);
        await EventuallyAsync(async () => await AskAsync("replica-1", "SELECT to_regclass('caught_up')::text", timeout.Token) is "caught_up", timeout.Token);
    }

    [Fact]
    public async Task A_killed_RabbitMQ_comes_back_with_its_durable_messages()
    {
        using var timeout = Timeout();
        var address = new Uri((await running.App.GetConnectionStringAsync("rabbitmq", timeout.Token))!);
        await using (var connection = await new ConnectionFactory { Uri = address }.CreateConnectionAsync(timeout.Token))
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: timeout.Token);
            await channel.QueueDeclareAsync(
                "kept", durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-queue-type"] = "quorum" }, cancellationToken: timeout.Token);
        }

        // RabbitMQ 3.10 writes half a second late that a quorum queue exists; killed before that, it never elects the queue's leader again.
        await running.App.ResourceCommands.ExecuteCommandAsync("rabbitmq", KnownResourceCommands.RestartCommand, timeout.Token);
        await running.App.ResourceNotifications.WaitForResourceHealthyAsync("rabbitmq", timeout.Token);
        await using (var connection = await new ConnectionFactory { Uri = address }.CreateConnectionAsync(timeout.Token))
        {
            await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), timeout.Token);
            await channel.BasicPublishAsync("", "kept", mandatory: true, "hello"u8.ToArray(), timeout.Token);
        }

        await running.KillAndAwaitReturnAsync("rabbitmq", timeout.Token);
        await using var again = await new ConnectionFactory { Uri = address }.CreateConnectionAsync(timeout.Token);
        await using var reader = await again.CreateChannelAsync(cancellationToken: timeout.Token);
        BasicGetResult? message = null;
        await EventuallyAsync(async () => (message = await reader.BasicGetAsync("kept", autoAck: true, timeout.Token)) is not null, timeout.Token);
        Assert.Equal("hello"u8.ToArray(), message!.Body.ToArray());
    }

    [Fact]
    public async Task A_killed_service_comes_back_on_its_port_and_the_other_process_stays()
    {
        using var timeout = Timeout();
        var other = running.PidOf("backend-0");
        var addresses = (await EnvironmentAsync(timeout.Token)).Where(pair => pair.Key.StartsWith("services__backend__", StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);
        await running.KillAndAwaitReturnAsync("backend-1", timeout.Token);
        using var http = new HttpClient { BaseAddress = new Uri(addresses["services__backend__http__1"]) };
        Assert.Equal(running.PidOf("backend-1"), await http.GetFromJsonAsync<int>("/pid", timeout.Token));
        Assert.Equal(other, running.PidOf("backend-0"));
    }

    [Fact]
    public async Task A_service_gets_the_environment_that_Aspire_gives()
    {
        using var timeout = Timeout();
        var environment = await EnvironmentAsync(timeout.Token);
        Assert.Equal("Development", environment["ASPNETCORE_ENVIRONMENT"]);
        Assert.Equal("service", environment["OTEL_SERVICE_NAME"]);
        Assert.Equal("service.instance.id=service", environment["OTEL_RESOURCE_ATTRIBUTES"]);
        Assert.Equal(running.App.GetEndpoint("service"), new Uri(environment["ASPNETCORE_URLS"]));
        Assert.EndsWith(";Database=things", environment["ConnectionStrings__things"], StringComparison.Ordinal);
        Assert.EndsWith(";Database=things", environment["ConnectionStrings__replica-1"], StringComparison.Ordinal);
        Assert.Equal("127.0.0.1", environment["RABBITMQ_HOST"]);
        Assert.Equal(64, environment["KEY"].Length);
        Assert.Equal(2, environment.Keys.Count(key => key.StartsWith("services__backend__http__", StringComparison.Ordinal)));
        Assert.NotEqual(8091, running.App.GetEndpoint("service").Port);
    }

    [Fact]
    public async Task A_stopped_process_stays_stopped_until_it_is_started()
    {
        using var timeout = Timeout();
        var commands = running.App.ResourceCommands;
        Assert.True((await commands.ExecuteCommandAsync("backend-0", KnownResourceCommands.StopCommand, timeout.Token)).Success);
        Assert.True(running.App.ResourceNotifications.TryGetCurrentState("backend-0", out var stopped));
        Assert.Equal(KnownResourceStates.Exited, stopped.Snapshot.State?.Text);
        Assert.Null(stopped.Snapshot.HealthStatus);
        Assert.True((await commands.ExecuteCommandAsync("backend-0", KnownResourceCommands.StartCommand, timeout.Token)).Success);
        await running.App.ResourceNotifications.WaitForResourceHealthyAsync("backend", timeout.Token);
    }

    [Fact]
    public void Servers_listen_on_loopback_alone_and_PostgreSQL_is_not_root()
    {
        var tree = ProcessTree.DescendantsOf(Environment.ProcessId);
        var sockets = tree.SelectMany(ProcessTree.SocketsOf).ToHashSet(StringComparer.Ordinal);
        var listening = File.ReadLines("/proc/net/tcp").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == ListenState && sockets.Contains(fields[9]))
            .Select(fields => fields[1])
            .ToArray();
        Assert.NotEmpty(listening);
        Assert.All(listening, address => Assert.StartsWith("0100007F:", address, StringComparison.Ordinal));

        var owner = File.ReadLines($"/proc/{running.PidOf("postgres")}/status").Single(line => line.StartsWith("Uid:", StringComparison.Ordinal));
        Assert.NotEqual(0, int.Parse(owner.Split('\t')[1], CultureInfo.InvariantCulture));
    }

    private static CancellationTokenSource Timeout()
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        source.CancelAfter(Patience);
        return source;
    }

    private static async Task EventuallyAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await TryAsync(condition))
            await timer.WaitForNextTickAsync(cancellationToken);
    }

    private static async Task<bool> TryAsync(Func<Task<bool>> condition)
    {
        try
        {
            return await condition();
        }
        catch (PostgresException)
        {
            return false;
        }
    }

    private async Task<Dictionary<string, string>> EnvironmentAsync(CancellationToken cancellationToken)
    {
        using var http = running.App.CreateHttpClient("service");
        return (await http.GetFromJsonAsync<Dictionary<string, string>>("/environment", cancellationToken))!;
    }

    private async Task ExecuteAsync(string resource, string sql, CancellationToken cancellationToken)
    {
        await using var source = await SourceAsync(resource, cancellationToken);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<object?> AskAsync(string resource, string sql, CancellationToken cancellationToken)
    {
        await using var source = await SourceAsync(resource, cancellationToken);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    private async Task<NpgsqlDataSource> SourceAsync(string resource, CancellationToken cancellationToken)
    {
        var connectionString = new NpgsqlConnectionStringBuilder(await running.App.GetConnectionStringAsync(resource, cancellationToken))
        {
            Database = "things",
            Pooling = false,
        };
        return NpgsqlDataSource.Create(connectionString);
    }
}
