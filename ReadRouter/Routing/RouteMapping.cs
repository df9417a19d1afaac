using Floodgate.ReadRouter.Forwarding;
using Microsoft.AspNetCore.Mvc;

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
        foreach (var route in routes)
        {
            var endpoint = app.MapMethods(route.Pattern, [route.Method], context => forwarding.ForwardAsync(context, route));
            if (route.NeedsUser)
                endpoint.RequireAuthorization();
            if (route.BodyLimit is { } limit)
                endpoint.WithMetadata(new RequestSizeLimitAttribute(limit));
        }
    }
}
