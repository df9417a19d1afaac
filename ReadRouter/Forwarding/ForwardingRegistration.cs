namespace Floodgate.ReadRouter.Forwarding;

/// <summary>Adds forwarding to the services.</summary>
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
        return builder;
    }
}
