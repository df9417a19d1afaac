namespace Floodgate.ReadRouter.Routing;

/// <summary>What the router does with a request.</summary>
internal enum RouteKind
{
    /// <summary>Reads from a node of the router's choice, and is tried again elsewhere when that fails.</summary>
    Read,

    /// <summary>Goes to the service once.</summary>
    Write,
}

/// <summary>A public call and where it goes.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Pattern">The public path.</param>
/// <param name="Service">The name of the service.</param>
/// <param name="Kind">Read or write.</param>
internal sealed record PublicRoute(string Method, string Pattern, string Service, RouteKind Kind)
{
    /// <summary>How settings and <c>/status</c> call it: <c>GET /timeline</c>.</summary>
    public string Name { get; } = $"{Method} {Pattern}";

    /// <summary>Whether it needs a user.</summary>
    public bool NeedsUser { get; init; } = true;

    /// <summary>Whether a read is served by a PostgreSQL node; false where Redis serves it.</summary>
    public bool FromNode { get; init; } = true;

    /// <summary>Whether the answer goes on for as long as there is news: only its beginning has a time limit.</summary>
    public bool Streams { get; init; }

    /// <summary>The part of the path that is replaced by <see cref="InternalPrefix"/>; null where the path stays.</summary>
    public string? PublicPrefix { get; init; }

    /// <summary>What stands in front of the path at the service instead of <see cref="PublicPrefix"/>.</summary>
    public string? InternalPrefix { get; init; }

    /// <summary>The body limit in bytes; null for the default.</summary>
    public long? BodyLimit { get; init; }

    /// <summary>The time limit; null for the default of its kind.</summary>
    public TimeSpan? Timeout { get; init; }
}

/// <summary>Marks the endpoint of a route that streams, for what comes before the route.</summary>
internal sealed class StreamMark
{
    public static StreamMark Instance { get; } = new();

    public static bool IsOn(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<StreamMark>() is not null;
}
