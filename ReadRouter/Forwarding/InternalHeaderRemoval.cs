using Floodgate.Sessions;

namespace Floodgate.ReadRouter.Forwarding;

/// <summary>Keeps the headers between router and services out of the answers; of requests the door removes them.</summary>
internal static class InternalHeaderRemoval
{
    public static void RemoveFrom(IHeaderDictionary headers)
    {
        List<string>? found = null;
        foreach (var header in headers)
        {
            if (header.Key.StartsWith(InternalHeaders.Prefix, StringComparison.OrdinalIgnoreCase))
                (found ??= []).Add(header.Key);
        }

        foreach (var name in found ?? [])
            headers.Remove(name);
    }
}
