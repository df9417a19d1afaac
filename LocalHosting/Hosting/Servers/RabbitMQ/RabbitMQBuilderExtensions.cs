using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;
using Aspire.Hosting.Servers;
using Aspire.Hosting.Servers.RabbitMQ;

namespace Aspire.Hosting;

/// <summary>Adds RabbitMQ to an application.</summary>
public static class RabbitMQBuilderExtensions
{
    private const string DataPath = "/var/lib/rabbitmq";

    /// <summary>Adds a RabbitMQ server.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="userName">The user's name; null for <c>guest</c>.</param>
    /// <param name="password">The user's password; null for a generated one that is kept with the data.</param>
    /// <param name="port">The port others connect to; null for a free one.</param>
    /// <returns>The server.</returns>
    public static IResourceBuilder<RabbitMQServerResource> AddRabbitMQ(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        IResourceBuilder<ParameterResource>? userName = null,
        IResourceBuilder<ParameterResource>? password = null,
        int? port = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var secret = password?.Resource
            ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password", special: false);
        return builder.AddResource(new RabbitMQServerResource(name, userName?.Resource, secret))
            .WithEndpoint(port: port, targetPort: 5672, name: RabbitMQServerResource.PrimaryEndpointName)
            .WithEndpoint(RabbitMQServerResource.PrimaryEndpointName, endpoint => endpoint.TargetHost = "127.0.0.1")
            .WithAnnotation(new WorkloadAnnotation(context => new RabbitMQWorkload(context)));
    }

    /// <summary>Keeps the server's data between runs.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="name">Kept for the interface: the data is in the application's data folder.</param>
    /// <param name="isReadOnly">Kept for the interface.</param>
    /// <returns>The server.</returns>
    public static IResourceBuilder<RabbitMQServerResource> WithDataVolume(
        this IResourceBuilder<RabbitMQServerResource> builder, string? name = null, bool isReadOnly = false) =>
        ServerData.WithVolume(builder, name, DataPath, isReadOnly);

    /// <summary>Enables the management pages.</summary>
    /// <param name="builder">The server.</param>
    /// <returns>The server.</returns>
    public static IResourceBuilder<RabbitMQServerResource> WithManagementPlugin(this IResourceBuilder<RabbitMQServerResource> builder) =>
        builder.WithManagementPlugin(port: null);

    /// <summary>Enables the management pages.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="port">Their port; null for a free one.</param>
    /// <returns>The server.</returns>
    public static IResourceBuilder<RabbitMQServerResource> WithManagementPlugin(this IResourceBuilder<RabbitMQServerResource> builder, int? port) =>
        builder.WithEndpoint(RabbitMQServerResource.ManagementEndpointName, endpoint =>
        {
            endpoint.UriScheme = "http";
            endpoint.TargetHost = "127.0.0.1";
            endpoint.TargetPort = 15672;
            endpoint.Port = port;
        });
}
