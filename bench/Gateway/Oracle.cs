using System.Globalization;

namespace Floodgate.Bench.Gateway;

/// <summary>The development calls that say what the databases themselves hold.</summary>
internal sealed class Oracle(GatewayClient client)
{
    /// <summary>
    /// How many posts one call asks for. The interface allows 500, but their ids would not fit into a request line of
    /// 8 KiB, which is the limit of most servers.
    /// </summary>
    public const int PostsPerCall = 200;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>What is not drained yet; null where the call failed.</summary>
    public async Task<BacklogAnswer?> BacklogAsync(CancellationToken cancellation) =>
        (await client.CallAsync(Get("/dev/oracle/backlog"), GatewayJson.Default.BacklogAnswer, cancellation)).Value;

    /// <summary>The newest ids of a user's timeline by the plain SQL answer; null where the call failed.</summary>
    public async Task<IReadOnlyList<long>?> TimelineAsync(long user, int limit, CancellationToken cancellation)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/dev/oracle/timeline/{user}?limit={limit}");
        return (await client.CallAsync(Get(path), GatewayJson.Default.OracleTimelineAnswer, cancellation)).Value?.Ids;
    }

    /// <summary>The likes of up to <see cref="PostsPerCall"/> posts; null where the call failed.</summary>
    public async Task<IReadOnlyDictionary<long, OracleLikes>?> LikesAsync(IEnumerable<long> posts, CancellationToken cancellation)
    {
        var path = "/dev/oracle/likes?posts=" + string.Join(',', posts.Select(p => p.ToString(CultureInfo.InvariantCulture)));
        return (await client.CallAsync(Get(path), GatewayJson.Default.DictionaryInt64OracleLikes, cancellation)).Value;
    }

    private static GatewayCall Get(string path) => new(CallKind.Oracle, HttpMethod.Get, path) { Timeout = Patience };
}
