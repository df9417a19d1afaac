using Floodgate.Redis.Tracking;

namespace Floodgate.UnitTests.Redis.Tracking;

public sealed class TrackingConnectionTests : IAsyncDisposable
{
    private const string Hello = "%4 $6 server $5 redis $7 version $6 7.0.15 $4 mode $10 standalone $4 role $6 master";
    private const string RunId = "7ca31e9e1a5c9d8e4f0b2d6a8c1e3f5079bdf024";

    private readonly TrackingServer _server = new();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task It_asks_for_the_protocol_and_for_tracking()
    {
        var begun = BeginAsync("localhost:6379");
        Assert.Equal("HELLO 3 SETNAME name", await _server.CommandAsync());
        await _server.SayAsync(Hello);
        await TrackAsync();
        await begun;
        Assert.Equal($"{RunId}abc", _server.Connection.Run);
    }

    [Fact]
    public async Task A_server_that_quotes_the_password_does_not_bring_it_into_a_log()
    {
        var begun = BeginAsync("localhost:6379,password=secret");
        await _server.CommandAsync();
        await _server.SayLineAsync("-ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' 'default' 'secret'");

        Assert.DoesNotContain("secret", (await Assert.ThrowsAsync<NotSupportedException>(() => begun)).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost:6379,password=secret", "HELLO 3 AUTH default secret SETNAME name")]
    [InlineData("localhost:6379,user=ann,password=secret", "HELLO 3 AUTH ann secret SETNAME name")]
    public async Task It_says_who_it_is(string configuration, string hello)
    {
        var begun = BeginAsync(configuration);
        Assert.Equal(hello, await _server.CommandAsync());
        await _server.SayLineAsync("-WRONGPASS no");

        await Assert.ThrowsAsync<NotSupportedException>(() => begun);
    }

    [Fact]
    public async Task It_uses_the_database_of_the_other_connections()
    {
        var begun = BeginAsync("localhost:6379,defaultDatabase=3");
        await _server.CommandAsync();
        await _server.SayAsync(Hello);
        Assert.Equal("SELECT 3", await _server.CommandAsync());
        await _server.SayAsync("+OK");
        await TrackAsync();
        await begun;
        Assert.Equal($"{RunId}abc", _server.Connection.Run);
    }

    [Theory]
    [InlineData("%2 $6 server $5 redis $7 version $6 6.2.14")]
    [InlineData("%1 $6 server $5 redis")]
    [InlineData("%3 $7 version $6 7.0.15 $4 mode $7 cluster $4 role $6 master")]
    [InlineData("%3 $7 version $6 7.0.15 $4 mode $10 standalone $4 role $7 replica")]
    [InlineData("-ERR unknown command 'HELLO'")]
    public async Task A_server_that_cannot_say_in_order_what_is_changed_of_all_keys_is_not_used(string hello)
    {
        var begun = BeginAsync("localhost:6379");
        await _server.CommandAsync();
        await _server.SayAsync(hello);

        await Assert.ThrowsAsync<NotSupportedException>(() => begun);
    }

    private async Task TrackAsync()
    {
        Assert.Equal("CLIENT TRACKING ON", await _server.CommandAsync());
        await _server.SayAsync("+OK");
        Assert.Equal("INFO", await _server.CommandAsync());
        var info = $"# Server\r\nrun_id:{RunId}\r\nevicted_keys:0\r\nmaster_replid:abc\r\n";
        await _server.SayLineAsync($"={info.Length + 4}\r\ntxt:{info}");
    }

    private Task BeginAsync(string configuration) => _server.Connection.BeginAsync(TrackingLogin.Parse(configuration), "name", CancellationToken.None);
}
