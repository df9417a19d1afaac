using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Floodgate.VisibleValues;

/// <summary>How a service gets the visible values.</summary>
public static class VisibleRegistration
{
    /// <summary>Registers the counters in Redis and what watches over their generation. Needs Redis, the nodes and a clock.</summary>
    /// <param name="services">The services.</param>
    /// <param name="lifetime">How long a counter that nobody writes stays.</param>
    public static IServiceCollection AddVisibleCounters(this IServiceCollection services, Func<IServiceProvider, TimeSpan> lifetime)
    {
        services.AddSingleton<VisibleGeneration>();
        services.AddSingleton<GenerationWatch>();
        services.AddSingleton<IVisibleEpoch>(provider => provider.GetRequiredService<GenerationWatch>());
        services.AddHostedService(provider => provider.GetRequiredService<GenerationWatch>());
        services.AddHealthChecks().AddCheck<GenerationWatch>("visible-values");
        services.AddSingleton(provider => new CounterHash(
            provider.GetRequiredService<IConnectionMultiplexer>(), provider.GetRequiredService<VisibleGeneration>(), lifetime(provider)));
        services.AddSingleton<IVisibleCounters>(provider => provider.GetRequiredService<CounterHash>());
        return services;
    }
}
