using Floodgate.ReadRouter.Choice;
using Floodgate.ReadRouter.Forwarding;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace Floodgate.ReadRouter.Routing;

/// <summary>Maps the public calls to the forwarding.</summary>
internal static class RouteMapping
{
    public static WebApplication MapPublicRoutes(this WebApplication app)
    {
        Map(app, RouteTable.Public);
        if (app.Environment.IsDevelopment())
            Map(app, RouteTable.Development);
        return app;
    }

    private static void Map(WebApplication app, IEnumerable<PublicRoute> routes)
    {
        var forwarding = app.Services.GetRequiredService<Forwarder>();
        var options = app.Services.GetRequiredService<IOptions<RouterOptions>>().Value;
        foreach (var route in routes)
        {
            var reads = RouteReads.Of(options, route.Name);
            var endpoint = app.MapMethods(route.Pattern, [route.Method], context => forwarding.ForwardAsync(context, route, reads));
            endpoint.DisableRequestTimeout(); // Forwarding keeps the route's own.
            if (route.Streams)
                endpoint.WithMetadata(StreamMark.Instance);
            if (route.NeedsUser)
                endpoint.RequireAuthorization();
            if (route.BodyLimit is { } limit)
                endpoint.WithMetadata(new RequestSizeLimitAttribute(limit));
        }
    }
}
