using Microsoft.Extensions.DependencyInjection;

namespace Floodgate.Redis;

/// <summary>How a service learns what in Redis is believed.</summary>
public static class RedisRegistration
{
    /// <summary>
    /// Registers the generation, what watches over it, the epoch and how it is raised. Needs Redis, the nodes and a clock.
    /// Whoever needs the generation calls this: the second call changes nothing.
    /// </summary>
    /// <param name="services">The services.</param>
    public static IServiceCollection AddRedisGeneration(this IServiceCollection services)
    {
        // A health check that is registered twice fails at the start, so nothing is registered twice.
        if (services.Any(service => service.ServiceType == typeof(GenerationWatch)))
        {
            return services;
        }

        services.AddSingleton<RedisGeneration>();
        services.AddSingleton<GenerationWatch>();
        services.AddSingleton<IRedisEpoch>(provider => provider.GetRequiredService<GenerationWatch>());
        services.AddSingleton<EpochRaise>();
        services.AddHostedService(provider => provider.GetRequiredService<GenerationWatch>());
        services.AddHealthChecks().AddCheck<GenerationWatch>("visible-values");
        return services;
    }
}
