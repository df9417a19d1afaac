namespace Floodgate.ReadRouter.Canaries;

/// <summary>Adds the router's test of itself.</summary>
internal static class CanaryRegistration
{
    public static IHostApplicationBuilder AddCanary(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<CanaryOptions>().BindConfiguration(CanaryOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddHostedService<Canary>();
        return builder;
    }
}
