using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace Floodgate.TimelineTests;

/// <summary>
/// The servers of the AppHost, without its services: a primary with two replicas, Redis and a broker. The tests start the
/// service themselves, with the settings and at the moment each of them needs.
/// </summary>
public sealed class Servers : IAsyncLifetime
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);
    private static readonly string[] Names = ["postgres", "replica-1", "replica-2", "redis", "rabbitmq"];

    private IDistributedApplicationTestingBuilder? _builder;
    private DistributedApplication? _app;
    private long _lastUser = 1000;

    public string Primary { get; private set; } = "";

    public IReadOnlyList<string> Replicas { get; private set; } = [];

    public string Redis { get; private set; } = "";

    public string Broker { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        using var limit = new CancellationTokenSource(StartTimeout);
        _builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(limit.Token);
        foreach (var service in _builder.Resources.OfType<ProjectResource>().ToList())
        {
            _builder.Resources.Remove(service);
        }

        _app = await _builder.BuildAsync(limit.Token);
        await _app.StartAsync(limit.Token);
        foreach (var name in Names)
        {
            await _app.ResourceNotifications.WaitForResourceHealthyAsync(name, limit.Token);
        }

        Primary = await ConnectionAsync("floodgate");
        Replicas = [await ConnectionAsync("replica-1") + ";Database=floodgate", await ConnectionAsync("replica-2") + ";Database=floodgate"];
        Redis = await ConnectionAsync("redis");
        Broker = await ConnectionAsync("rabbitmq");

        async Task<string> ConnectionAsync(string name) => await _app.GetConnectionStringAsync(name, limit.Token)
            ?? throw new InvalidOperationException($"There is no connection string '{name}'.");
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        if (_builder is not null)
        {
            await _builder.DisposeAsync();
        }
    }

    /// <summary>A user that no other test uses.</summary>
    public long NewUser() => Interlocked.Increment(ref _lastUser);

    /// <summary>Stops a server.</summary>
    public async Task StopAsync(string name) => await CommandAsync(name, KnownResourceCommands.StopCommand);

    /// <summary>Starts a server again, on the port it had.</summary>
    public async Task StartAsync(string name)
    {
        await CommandAsync(name, KnownResourceCommands.StartCommand);
        await _app!.ResourceNotifications.WaitForResourceHealthyAsync(name, TestContext.Current.CancellationToken);

        // Connections of the tests themselves that it closed lie in their pools, and would fail the next statement.
        Npgsql.NpgsqlConnection.ClearAllPools();
    }

    private async Task CommandAsync(string name, string command)
    {
        var result = await _app!.ResourceCommands.ExecuteCommandAsync(name, command, TestContext.Current.CancellationToken);
        Assert.True(result.Success, $"{command} {name} failed.");
    }
}
