using Floodgate.Sessions;
using Microsoft.Net.Http.Headers;

namespace Floodgate.ReadRouter.Door;

/// <summary>
/// Takes out of every request what a caller has no say in: the headers between router and services, in any spelling that some server takes
/// for them; who forwarded the request; and changing the protocol, which nothing here does.
/// </summary>
internal static class OutsideHeaders
{
    private static readonly HashSet<string> Removed = new(StringComparer.OrdinalIgnoreCase)
    {
        "Forwarded", "X-Real-IP", "X-Client-IP", "X-Cluster-Client-IP", "True-Client-IP", "X-Original-For", "X-Original-Proto", "X-Original-Host",
        "X-Original-Prefix", "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override", HeaderNames.Upgrade, "HTTP2-Settings",
    };

    public static void RemoveFrom(IHeaderDictionary headers)
    {
        List<string>? found = null;
        foreach (var header in headers)
        {
            if (IsRemoved(header.Key))
                (found ??= []).Add(header.Key);
        }

        foreach (var name in found ?? [])
            headers.Remove(name);
    }

    private static bool IsRemoved(string name)
    {
        var plain = name.Contains('_', StringComparison.Ordinal) ? name.Replace('_', '-') : name;
        return plain.StartsWith(InternalHeaders.Prefix, StringComparison.OrdinalIgnoreCase)
            || plain.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)
            || Removed.Contains(plain);
    }
}
