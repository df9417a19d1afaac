using Floodgate.Bench.Gateway;

namespace Floodgate.Bench.Replay;

/// <summary>Reads a page of the caller's home timeline.</summary>
internal static class HomeTimeline
{
    /// <summary>Reads the page after a cursor, or the newest.</summary>
    public static Task<Answer<PageAnswer>> ReadAsync(GatewayClient client, UserSession session, string? cursor, CancellationToken cancellation)
    {
        var path = cursor is null ? "/timeline?limit=20" : "/timeline?limit=20&before=" + Uri.EscapeDataString(cursor);
        var call = new GatewayCall(CallKind.ReadTimeline, HttpMethod.Get, path) { Session = session };
        return client.CallAsync(call, GatewayJson.Default.PageAnswer, cancellation);
    }
}
