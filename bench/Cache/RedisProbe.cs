using System.Globalization;
using StackExchange.Redis;

namespace Floodgate.Bench.Cache;

/// <summary>The bench's own look at Redis.</summary>
internal sealed class RedisProbe : IDisposable
{
    // What connections and the processes' watches ask by themselves.
    private static readonly string[] Background = ["info", "ping", "config", "client", "auth", "select", "echo", "subscribe", "cluster", "command", "hello", "get", "set", "exists"];

    private readonly ConnectionMultiplexer _redis;

    private RedisProbe(ConnectionMultiplexer redis) => _redis = redis;

    private IDatabase Database => _redis.GetDatabase();

    /// <summary>Connects.</summary>
    public static async Task<RedisProbe> ConnectAsync(string connection) => new(await ConnectionMultiplexer.ConnectAsync(connection));

    /// <summary>Deletes everything.</summary>
    public Task ClearAsync() => Database.ExecuteAsync("FLUSHDB");

    /// <summary>How many keys there are.</summary>
    public async Task<long> CountAsync() => (long)await Database.ExecuteAsync("DBSIZE");

    /// <summary>How much memory Redis uses, in bytes.</summary>
    public async Task<long> UsedMemoryAsync() => long.Parse((await InfoAsync("memory"))["used_memory"], CultureInfo.InvariantCulture);

    /// <summary>How much memory a key takes, in bytes, with all that belongs to it.</summary>
    public async Task<long> UsageAsync(string key) => (long)await Database.ExecuteAsync("MEMORY", "USAGE", key, "SAMPLES", "0");

    /// <summary>The value in an entry of the lease cache.</summary>
    public async Task<byte[]> ValueAsync(string key) => (byte[]?)await Database.HashGetAsync(key, "v") ?? [];

    /// <summary>Sets a plain key.</summary>
    public Task SetAsync(string key, byte[] value, TimeSpan expiry) => Database.StringSetAsync(key, value, expiry);

    /// <summary>How often each command has run, within scripts too.</summary>
    public async Task<IReadOnlyDictionary<string, long>> CommandsAsync()
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (name, text) in await InfoAsync("commandstats"))
        {
            var command = name["cmdstat_".Length..];
            if (!Background.Contains(command, StringComparer.Ordinal))
                counts[command] = long.Parse(text.Split(',')[0]["calls=".Length..], CultureInfo.InvariantCulture);
        }

        return counts;
    }

    /// <inheritdoc/>
    public void Dispose() => _redis.Dispose();

    private async Task<Dictionary<string, string>> InfoAsync(string section)
    {
        var text = (string?)(RedisValue)await Database.ExecuteAsync("INFO", section) ?? "";
        return text.Split('\n').Select(line => line.Trim().Split(':', 2)).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
    }
}
