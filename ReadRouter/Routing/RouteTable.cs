namespace Floodgate.ReadRouter.Routing;

/// <summary>The public interface: every call, and the service behind it.</summary>
internal static class RouteTable
{
    public const string Timeline = "timeline";
    public const string Counter = "counter";
    public const string Flush = "flush";

    // A whole social graph comes in one body.
    private const long ImportLimit = 1L << 30;
    private static readonly TimeSpan ImportTimeout = TimeSpan.FromMinutes(10);

    public static IReadOnlyList<PublicRoute> Public { get; } =
    [
        new("PUT", "/users/{id}", Timeline, RouteKind.Write),
        new("GET", "/users/{id}", Timeline, RouteKind.Read) { NeedsUser = false },
        new("GET", "/users/{id}/posts", Timeline, RouteKind.Read) { NeedsUser = false },
        new("PUT", "/users/{id}/following/{other}", Timeline, RouteKind.Write),
        new("DELETE", "/users/{id}/following/{other}", Timeline, RouteKind.Write),
        new("POST", "/posts", Timeline, RouteKind.Write),
        new("GET", "/posts/pending/{id}", Timeline, RouteKind.Read),
        new("GET", "/posts/{id}", Timeline, RouteKind.Read) { NeedsUser = false },
        new("PATCH", "/posts/{id}", Timeline, RouteKind.Write),
        new("DELETE", "/posts/{id}", Timeline, RouteKind.Write),
        new("GET", "/timeline", Timeline, RouteKind.Read),
        new("GET", "/timeline/stream", Timeline, RouteKind.Read) { Streams = true },
        new("PUT", "/posts/{id}/like", Counter, RouteKind.Write),
        new("DELETE", "/posts/{id}/like", Counter, RouteKind.Write),
        new("POST", "/counters/{name}/{key}", Counter, RouteKind.Write),
        new("GET", "/counters/{name}", Counter, RouteKind.Read) { NeedsUser = false, FromNode = false },
        new("GET", "/counters/{name}/top", Counter, RouteKind.Read) { NeedsUser = false, FromNode = false },
        new("GET", "/counters/{name}/{key}/history", Counter, RouteKind.Read) { NeedsUser = false, FromNode = false },
    ];

    /// <summary>Mapped in Development only: bulk loading, and the plain truth to compare with.</summary>
    public static IReadOnlyList<PublicRoute> Development { get; } =
    [
        Import("users"),
        Import("follows"),
        Oracle("timeline/{user}", Timeline),
        Oracle("likes", Counter),
    ];

    private static PublicRoute Import(string what) => new("POST", "/dev/import/" + what, Timeline, RouteKind.Write)
    {
        NeedsUser = false,
        PublicPrefix = "/dev",
        InternalPrefix = "/internal",
        BodyLimit = ImportLimit,
        Timeout = ImportTimeout,
    };

    // A write by kind, as the service reads from the primary whatever the router says.
    private static PublicRoute Oracle(string what, string service) => new("GET", "/dev/oracle/" + what, service, RouteKind.Write)
    {
        NeedsUser = false,
        PublicPrefix = "/dev",
        InternalPrefix = "/internal",
        Timeout = TimeSpan.FromMinutes(1),
    };
}
