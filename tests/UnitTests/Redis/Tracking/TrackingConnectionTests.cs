using Floodgate.Redis.Tracking;

namespace Floodgate.UnitTests.Redis.Tracking;

public sealed class TrackingConnectionTests : IAsyncDisposable
{
    private const string Hello = "%2 $6 server $5 redis $7 version $6 7.0.15";

    private readonly TrackingServer _server = new();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task It_asks_for_the_protocol_and_for_tracking()
    {
        var begun = BeginAsync("localhost:6379");
        Assert.Equal("HELLO 3 SETNAME name", await _server.CommandAsync());
        await _server.SayAsync(Hello);
        Assert.Equal("CLIENT TRACKING ON", await _server.CommandAsync());
        await _server.SayAsync("+OK");
        await begun;
    }

    [Theory]
    [InlineData("localhost:6379,password=secret", "HELLO 3 AUTH default secret SETNAME name")]
    [InlineData("localhost:6379,user=ann,password=secret", "HELLO 3 AUTH ann secret SETNAME name")]
    public async Task It_says_who_it_is(string configuration, string hello)
    {
        var begun = BeginAsync(configuration);
        Assert.Equal(hello, await _server.CommandAsync());
        await _server.SayAsync("-WRONGPASS no");

        Assert.DoesNotContain("secret", (await Assert.ThrowsAsync<NotSupportedException>(() => begun)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_uses_the_database_of_the_other_connections()
    {
        var begun = BeginAsync("localhost:6379,defaultDatabase=3");
        await _server.CommandAsync();
        await _server.SayAsync(Hello);
        Assert.Equal("SELECT 3", await _server.CommandAsync());
        await _server.SayAsync("+OK");
        Assert.Equal("CLIENT TRACKING ON", await _server.CommandAsync());
        await _server.SayAsync("+OK");
        await begun;
    }

    [Theory]
    [InlineData("%2 $6 server $5 redis $7 version $6 6.2.14")]
    [InlineData("%1 $6 server $5 redis")]
    [InlineData("-ERR unknown command 'HELLO'")]
    public async Task A_server_that_may_answer_in_the_middle_of_another_answer_is_not_used(string hello)
    {
        var begun = BeginAsync("localhost:6379");
        await _server.CommandAsync();
        await _server.SayAsync(hello);

        await Assert.ThrowsAsync<NotSupportedException>(() => begun);
    }

    private Task BeginAsync(string configuration) => _server.Connection.BeginAsync(TrackingLogin.Parse(configuration), "name", CancellationToken.None);
}
