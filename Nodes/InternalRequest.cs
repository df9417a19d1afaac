using System.Globalization;
using Floodgate.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Floodgate.Nodes;

/// <summary>What the router tells a service with <see cref="InternalHeaders"/>, and what the service tells it back.</summary>
public static class InternalRequest
{
    /// <summary>The authenticated user.</summary>
    /// <exception cref="BadHttpRequestException">401: the request carries no user.</exception>
    public static long RequireUser(this HttpContext context) =>
        context.FindUser() ?? throw new BadHttpRequestException("This call needs a user.", StatusCodes.Status401Unauthorized);

    /// <summary>The authenticated user, or null where nobody is.</summary>
    public static long? FindUser(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Request.Headers.FindUser();
    }

    /// <inheritdoc cref="FindUser(HttpContext)"/>
    /// <param name="headers">The headers that the router sent.</param>
    public static long? FindUser(this IHeaderDictionary headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        return long.TryParse(headers[InternalHeaders.User], NumberStyles.None, CultureInfo.InvariantCulture, out var user)
            ? user
            : null;
    }

    /// <summary>Where the router wants this request to be read; the primary where it does not say.</summary>
    public static NodeRead GetNodeRead(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var headers = context.Request.Headers;
        string? node = headers[InternalHeaders.Node];
        var atLeast = WalPosition.TryParse(headers[InternalHeaders.AtLeast], out var named) ? named : WalPosition.None;
        return new NodeRead(string.IsNullOrEmpty(node) ? null : node, atLeast) { PastCaches = headers.ContainsKey(InternalHeaders.PastCaches) };
    }

    /// <summary>
    /// Takes note of the timeline that the router knows of, before a request is served: a service that has not noticed a promotion yet must
    /// not write to the old primary.
    /// </summary>
    public static WebApplication UseRouterTimeline(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var topology = app.Services.GetRequiredService<ClusterTopology>();
        app.Use((context, next) =>
        {
            if (uint.TryParse(context.Request.Headers[InternalHeaders.Timeline], NumberStyles.None, CultureInfo.InvariantCulture, out var timeline))
            {
                topology.Heard(timeline);
            }

            return next(context);
        });
        return app;
    }

    /// <summary>The same, and at or past a further position, such as that of a cursor.</summary>
    public static NodeRead GetNodeRead(this HttpContext context, WalPosition past)
    {
        var where = context.GetNodeRead();
        return where with { AtLeast = context.History().Furthest(where.AtLeast, past) };
    }

    /// <summary>Raises the position of the answer to that of one of its parts. An answer without one stays without.</summary>
    public static void RaisePosition(this HttpContext context, WalPosition position)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (WalPosition.TryParse(context.Response.Headers[InternalHeaders.Position], out var answer))
        {
            context.SetPosition(context.History().Furthest(answer, position));
        }
    }

    /// <summary>Tells the router where the answer was read. Call before the body is written.</summary>
    public static void SetReadAt<T>(this HttpContext context, in ReadAt<T> read)
    {
        context.SetPosition(read.Position);
        context.Response.Headers[InternalHeaders.Node] = read.Node;
        if (read.Reason is { } reason)
        {
            context.Response.Headers[InternalHeaders.Reason] = reason;
        }
    }

    /// <summary>Tells the router the position of a write's commit, or of a read. Call before the body is written.</summary>
    public static void SetPosition(this HttpContext context, WalPosition position)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Response.Headers[InternalHeaders.Position] = position.ToString();
    }

    private static TimelineHistory History(this HttpContext context) =>
        context.RequestServices?.GetService<PostgresNodes>()?.View.History ?? TimelineHistory.Unknown;
}
