using Floodgate.Leases;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Floodgate.Posts;

/// <summary>How a service gets posts.</summary>
public static class PostCacheRegistration
{
    /// <summary>Registers <see cref="PostCache"/>. Call <see cref="LeaseRegistration.AddLeaseCaches"/> too.</summary>
    /// <param name="builder">The service.</param>
    /// <param name="defaults">Sets defaults that suit how this service reads posts; the configuration overrides them.</param>
    public static IHostApplicationBuilder AddPostCache(this IHostApplicationBuilder builder, Action<LeaseCacheOptions>? defaults = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddLeaseCache(PostCache.Entity, defaults);
        builder.Services.AddSingleton<PostCache>();
        return builder;
    }
}
