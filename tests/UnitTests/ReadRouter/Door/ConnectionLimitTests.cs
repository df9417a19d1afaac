using System.Net;
using Floodgate.ReadRouter;
using Floodgate.ReadRouter.Door;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Floodgate.UnitTests.ReadRouter.Door;

public sealed class ConnectionLimitTests : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().AddSingleton<Measures>().BuildServiceProvider();
    private readonly TaskCompletionSource _end = new();
    private readonly DoorOptions _options = new() { ConnectionsPerAddress = 2 };
    private int _served;

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task An_address_has_so_many_connections_and_another_its_own()
    {
        var limit = Limit();
        var held = new[] { Connect(limit, "192.0.2.1"), Connect(limit, "192.0.2.1"), Connect(limit, "192.0.2.2") };
        var refused = Connect(limit, "::ffff:192.0.2.1");

        Assert.True(refused.IsCompletedSuccessfully);
        Assert.All(held, connection => Assert.False(connection.IsCompleted));
        Assert.Equal(3, _served);
        Assert.Equal(2, limit.Addresses);

        _end.SetResult();
        await Task.WhenAll(held);
        Assert.Equal(0, limit.Addresses);
        await Connect(limit, "192.0.2.1");
        Assert.Equal(4, _served);
    }

    [Fact]
    public async Task A_connection_that_fails_leaves_its_place()
    {
        var limit = Limit();
        _end.SetException(new ConnectionResetException("gone"));
        for (var i = 0; i < 5; i++)
            await Assert.ThrowsAsync<ConnectionResetException>(() => Connect(limit, "192.0.2.1"));

        Assert.Equal(5, _served);
        Assert.Equal(0, limit.Addresses);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("10.1.2.3")]
    [InlineData("192.0.2.9")]
    [InlineData("::ffff:10.1.2.3")]
    public void Others_stand_behind_a_known_proxy_and_this_machine(string address)
    {
        _options.KnownNetworks.Add("10.0.0.0/8");
        _options.KnownProxies.Add("192.0.2.9");
        var limit = Limit();
        for (var i = 0; i < 5; i++)
            _ = Connect(limit, address);

        Assert.Equal(5, _served);
        Assert.Equal(0, limit.Addresses);
    }

    [Fact]
    public void Zero_is_no_limit()
    {
        _options.ConnectionsPerAddress = 0;
        var limit = Limit();
        for (var i = 0; i < 5; i++)
            _ = Connect(limit, "192.0.2.1");

        Assert.Equal(5, _served);
    }

    private ConnectionLimit Limit()
    {
        var options = Options.Create(_options);
        return new ConnectionLimit(options, new KnownProxies(options), _services.GetRequiredService<Measures>());
    }

    private Task Connect(ConnectionLimit limit, string address) =>
        limit.HandleAsync(new DefaultConnectionContext { RemoteEndPoint = new IPEndPoint(IPAddress.Parse(address), 1) }, _ =>
        {
            _served++;
            return _end.Task;
        });
}
