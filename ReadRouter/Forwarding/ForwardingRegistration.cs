using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Floodgate.ReadRouter.Forwarding;

/// <summary>Adds forwarding to the services, and the limits of the public door.</summary>
internal static class ForwardingRegistration
{
    public static IHostApplicationBuilder AddForwarding(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddHttpForwarder();
        services.AddSingleton<ServiceInstances>();
        services.AddSingleton<ServiceClient>();
        services.AddSingleton<Sessions.SessionKeeper>();
        services.AddSingleton<ServiceSender>();
        services.AddSingleton<Forwarder>();
        services.AddOptions<KestrelServerOptions>().Configure<Microsoft.Extensions.Options.IOptions<RouterOptions>>((kestrel, router) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = router.Value.BodyLimit;

            // Five hundred keys of two hundred characters are one request line.
            kestrel.Limits.MaxRequestLineSize = 128 * 1024;
            kestrel.Limits.MaxRequestBufferSize = 1024 * 1024;
        });
        return builder;
    }
}
