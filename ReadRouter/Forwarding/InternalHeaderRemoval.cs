using Floodgate.Sessions;

namespace Floodgate.ReadRouter.Forwarding;

/// <summary>Keeps the headers between router and services inside: a caller must not be able to say who it is, or where to read.</summary>
internal static class InternalHeaderRemoval
{
    /// <summary>Takes them out of every request before anything looks at it.</summary>
    public static WebApplication UseInternalHeaderRemoval(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            RemoveFrom(context.Request.Headers);
            return next(context);
        });
        return app;
    }

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
