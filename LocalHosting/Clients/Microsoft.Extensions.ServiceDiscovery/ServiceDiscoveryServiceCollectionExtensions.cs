using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.ServiceDiscovery;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers service discovery, as the package Microsoft.Extensions.ServiceDiscovery does.</summary>
public static class ServiceDiscoveryServiceCollectionExtensions
{
    /// <summary>Registers discovery out of configuration: <c>services:{name}:{scheme or endpoint}:{i}</c>.</summary>
    /// <param name="services">The application's services.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddServiceDiscovery(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<ConfiguredEndpoints>();
        return services;
    }
}
