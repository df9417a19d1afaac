using Microsoft.Extensions.ServiceDiscovery;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets HTTP clients call services by name, as the package Microsoft.Extensions.ServiceDiscovery does.</summary>
public static class ServiceDiscoveryHttpClientBuilderExtensions
{
    /// <summary>Resolves the host of each request (<c>http://timeline</c>, <c>https+http://timeline</c>) to one of the service's endpoints, in turn.</summary>
    /// <param name="httpClientBuilder">The client, or the defaults of all clients.</param>
    /// <returns><paramref name="httpClientBuilder"/>.</returns>
    public static IHttpClientBuilder AddServiceDiscovery(this IHttpClientBuilder httpClientBuilder)
    {
        ArgumentNullException.ThrowIfNull(httpClientBuilder);
        httpClientBuilder.Services.AddServiceDiscovery();
        httpClientBuilder.AddHttpMessageHandler(provider => new ResolvingHandler(provider.GetRequiredService<ConfiguredEndpoints>()));
        return httpClientBuilder;
    }
}
