using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;
using Aspire.Hosting.Servers;
using Aspire.Hosting.Servers.Redis;

namespace Aspire.Hosting;

/// <summary>Adds Redis to an application.</summary>
public static class RedisBuilderExtensions
{
    private const string DataPath = "/data";

    /// <summary>Adds a Redis server. Arguments added to it (<c>--option value</c>) are the server's.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="port">The port others connect to; null for a free one.</param>
    /// <param name="password">The password; null for a generated one that is kept with the data.</param>
    /// <returns>The server.</returns>
    public static IResourceBuilder<RedisResource> AddRedis(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, int? port = null, IResourceBuilder<ParameterResource>? password = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var secret = password?.Resource
            ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password", special: false);
        return builder.AddResource(new RedisResource(name, secret))
            .WithEndpoint(port: port, targetPort: 6379, name: RedisResource.PrimaryEndpointName)
            .WithEndpoint(RedisResource.PrimaryEndpointName, endpoint => endpoint.TargetHost = "127.0.0.1")
            .WithAnnotation(new WorkloadAnnotation(context => new RedisWorkload(context)));
    }

    /// <summary>Keeps the server's data between runs.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="name">Kept for the interface: the data is in the application's data folder.</param>
    /// <param name="isReadOnly">Whether the data is only read.</param>
    /// <returns>The server.</returns>
    public static IResourceBuilder<RedisResource> WithDataVolume(
        this IResourceBuilder<RedisResource> builder, string? name = null, bool isReadOnly = false)
    {
        ServerData.WithVolume(builder, name, DataPath, isReadOnly);
        return isReadOnly ? builder : builder.WithPersistence();
    }

    /// <summary>Writes snapshots of the data.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="interval">How often at most; by default every 60 seconds.</param>
    /// <param name="keysChangedThreshold">After how many changes at least.</param>
    /// <returns>The server.</returns>
    public static IResourceBuilder<RedisResource> WithPersistence(
        this IResourceBuilder<RedisResource> builder, TimeSpan? interval = null, long keysChangedThreshold = 1)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(
            new RedisPersistenceAnnotation(interval ?? TimeSpan.FromSeconds(60), keysChangedThreshold), ResourceAnnotationMutationBehavior.Replace);
    }

    /// <summary>Gives the server a fixed port.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="port">The port; null for a free one.</param>
    /// <returns>The server.</returns>
    public static IResourceBuilder<RedisResource> WithHostPort(this IResourceBuilder<RedisResource> builder, int? port) =>
        builder.WithEndpoint(RedisResource.PrimaryEndpointName, endpoint => endpoint.Port = port);
}
