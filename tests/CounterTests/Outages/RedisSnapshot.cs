using Floodgate.CounterTests.Running;

namespace Floodgate.CounterTests.Outages;

/// <summary>
/// A snapshot of Redis that an operator might put back: the server writes it now, into its own folder, and reads it when it
/// starts again after a kill.
/// </summary>
internal sealed class RedisSnapshot(Servers servers) : IAsyncDisposable
{
    private const string Mark = "test:snapshot";

    private string _file = "";

    /// <summary>Has the server write what it holds.</summary>
    public async Task TakeAsync()
    {
        var server = servers.Redis.GetServer(servers.Redis.GetEndPoints()[0]);
        _file = Path.Combine((await server.ConfigGetAsync("dir"))[0].Value, (await server.ConfigGetAsync("dbfilename"))[0].Value);
        await servers.Redis.GetDatabase().StringSetAsync(Mark, "old");
        await servers.Redis.GetDatabase().ExecuteAsync("SAVE");
        Assert.True(File.Exists(_file));
        await servers.Redis.GetDatabase().StringSetAsync(Mark, "new");
    }

    /// <summary>Kills the server with SIGKILL and waits until the one that follows answers with what the snapshot holds.</summary>
    public async Task ComeBackWithItAsync()
    {
        await servers.KillAsync("redis");
        await Wait.UntilAsync(() => servers.AnswersAsync("redis"), "Redis answers again");
        Assert.Equal("old", (string?)await servers.Redis.GetDatabase().StringGetAsync(Mark));
    }

    /// <summary>Takes the file away, or every later start would read it.</summary>
    public ValueTask DisposeAsync()
    {
        if (_file.Length > 0)
        {
            File.Delete(_file);
        }

        return ValueTask.CompletedTask;
    }
}
