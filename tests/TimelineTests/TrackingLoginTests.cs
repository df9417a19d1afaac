using System.Buffers;
using Floodgate.Redis.Tracking;
using StackExchange.Redis;

namespace Floodgate.TimelineTests;

/// <summary>Who may ask a real Redis to say what is changed.</summary>
public sealed class TrackingLoginTests(Servers servers) : IAsyncLifetime
{
    private const string Password = "a password of a test";

    private readonly string _user = $"reader-{Guid.NewGuid():N}";
    private IConnectionMultiplexer? _redis;

    private IConnectionMultiplexer Redis => _redis!;

    // As docs/tracked-copies.md says.
    public async ValueTask InitializeAsync()
    {
        _redis = await ConnectionMultiplexer.ConnectAsync(servers.Redis);
        await Redis.GetDatabase().ExecuteAsync(
            "ACL", "SETUSER", _user, "on", $">{Password}", "~ctv:*", "~lk:*", "+hello", "+select", "+client|tracking", "+info", "+ping", "+mget", "+hmget");
    }

    public async ValueTask DisposeAsync()
    {
        await Redis.GetDatabase().ExecuteAsync("ACL", "DELUSER", _user);
        await Redis.CloseAsync();
    }

    [Fact]
    public async Task A_user_who_may_do_no_more_than_it_takes_hears_of_changes_in_the_database_asked_for()
    {
        var key = $"ctv:{{{_user}}}";
        await using var connection = await OpenAsync(Password, database: 1);
        var output = new ArrayBufferWriter<byte>();
        RespCommand.Write(output, "MGET", key);
        RespCommand.Write(output, "HMGET", $"lk:{{{_user}}}", "g");
        RespCommand.Write(output, "PING");
        await connection.SendAsync(output.WrittenMemory, TestContext.Current.CancellationToken);
        Assert.Equal('*', (char)(await ReceiveAsync(connection)).Kind);
        Assert.Equal('*', (char)(await ReceiveAsync(connection)).Kind);
        Assert.Equal("PONG", (await ReceiveAsync(connection)).Words);

        await Redis.GetDatabase(1).StringSetAsync(key, "1", TimeSpan.FromMinutes(1));

        var said = await ReceiveAsync(connection);
        Assert.True(said.IsPush);
        Assert.Equal(("invalidate", key), (said.Items[0].Words, said.Items[1].Items[0].Words));
    }

    [Fact]
    public async Task A_wrong_password_is_refused_and_not_quoted()
    {
        var exception = await Assert.ThrowsAsync<NotSupportedException>(() => OpenAsync("another password", database: 0));

        Assert.Equal("Redis answers HELLO with WRONGPASS.", exception.Message);
    }

    private Task<TrackingConnection> OpenAsync(string password, int database) => TrackingConnection.OpenAsync(
        Redis.GetEndPoints()[0], new TrackingLogin(_user, password, database, Tls: false, TlsHost: null), "a-test", TestContext.Current.CancellationToken);

    private static async Task<RespFrame> ReceiveAsync(TrackingConnection connection)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        return await connection.ReceiveAsync(limit.Token);
    }
}
