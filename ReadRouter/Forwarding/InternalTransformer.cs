using System.Globalization;
using System.Net;
using System.Security.Claims;
using Floodgate.ReadRouter.Choice;
using Floodgate.ReadRouter.Nodes;
using Floodgate.ReadRouter.Routing;
using Floodgate.ReadRouter.Sessions;
using Floodgate.Sessions;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Forwarder;

namespace Floodgate.ReadRouter.Forwarding;

/// <summary>Puts in for the service what the router knows, and takes out of its answer what is not for the caller.</summary>
internal sealed class InternalTransformer(Attempt attempt, SessionKeeper sessions, VisibilityProbe visibility, NodeTable table) : HttpTransformer
{
    // The router's own span takes the place of the caller's; credentials and session have been read and end here.
    private static readonly string[] NotForServices =
    [
        HeaderNames.Authorization, HeaderNames.Cookie, HeaderNames.TraceParent, HeaderNames.TraceState, HeaderNames.Baggage,
        SessionHeaders.Session, SessionHeaders.Consistency,
    ];

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);

        var headers = proxyRequest.Headers;
        headers.Host = null;
        foreach (var name in NotForServices)
            headers.Remove(name);
        if (httpContext.User.FindFirstValue(ClaimTypes.NameIdentifier) is { } user)
            headers.TryAddWithoutValidation(InternalHeaders.User, user);
        var timelines = table.Timelines;
        if (timelines.Current != 0)
            headers.TryAddWithoutValidation(InternalHeaders.Timeline, timelines.Current.ToString(CultureInfo.InvariantCulture));
        if (attempt.Choice is { Target: not null } choice)
        {
            headers.TryAddWithoutValidation(InternalHeaders.Node, choice.Node);
            if (choice.AtLeast != WalPosition.None)
                headers.TryAddWithoutValidation(InternalHeaders.AtLeast, choice.AtLeast.ToString());
            if (attempt.PastCaches || WantsNoCache(httpContext))
                headers.TryAddWithoutValidation(InternalHeaders.PastCaches, "1");
        }

        if (PathAtService(attempt.Route, httpContext.Request.Path) is { } path)
            proxyRequest.RequestUri = RequestUtilities.MakeDestinationAddress(destinationPrefix, path, httpContext.Request.QueryString);
    }

    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
            return await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        if (attempt.MayRetry && proxyResponse.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            attempt.Withheld = true;
            return false;
        }

        await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);

        var headers = httpContext.Response.Headers;
        string? node = headers[InternalHeaders.Node];
        string? reason = headers[InternalHeaders.Reason];
        var position = WalPosition.TryParse(headers[InternalHeaders.Position], out var stated) ? stated : WalPosition.None;
        InternalHeaderRemoval.RemoveFrom(headers);
        headers.Remove(HeaderNames.Server);

        var seen = attempt.Session.Position;
        if (attempt.Choice is { } choice)
        {
            attempt.ReadFrom = string.IsNullOrEmpty(node) ? null : node;
            attempt.ReadFromReason = string.IsNullOrEmpty(reason) ? null : reason;
            headers[SessionHeaders.Node] = attempt.ReadFrom ?? choice.Node;
            headers[SessionHeaders.Reason] = choice.SessionIsLost ? choice.Reason : attempt.ReadFromReason ?? choice.Reason;

            // What was seen beyond the primary must not be asked for again. Of a failover the session has been told by its position.
            if ((choice.SessionIsLost && !attempt.Session.IsLost) || reason == Reasons.WriteMayBeLost)
                seen = WalPosition.None;
        }

        // A write that the old primary took in the last moment, or a session that writes before it reads again.
        if (attempt.Session.IsLost || table.Timelines.Judge(position) == Standing.Lost)
            headers[SessionHeaders.Reason] = Reasons.WriteMayBeLost;
        if (!attempt.KeepsToken)
            sessions.Write(httpContext.Response, seen, position);
        if (attempt.Route.Kind == RouteKind.Write && position != WalPosition.None)
            visibility.Wrote(position);
        attempt.OnBegin?.Invoke();
        return true;
    }

    /// <summary>Trailers of services are not part of the public interface.</summary>
    public override ValueTask TransformResponseTrailersAsync(
        HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    // Whoever may go past the caches can have the database do what they are there to save it from: for development only.
    private static bool WantsNoCache(HttpContext context) =>
        context.Request.GetTypedHeaders().CacheControl?.NoCache == true
        && context.RequestServices.GetRequiredService<IHostEnvironment>().IsDevelopment();

    private static PathString? PathAtService(PublicRoute route, PathString path) =>
        route.PublicPrefix is { } prefix && path.StartsWithSegments(prefix, StringComparison.OrdinalIgnoreCase, out var rest)
            ? new PathString(route.InternalPrefix).Add(rest)
            : (PathString?)null;
}
