using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <content>References between resources.</content>
public static partial class ResourceBuilderExtensions
{
    /// <summary>Gives a resource another one's connection string and its parts, as environment variables.</summary>
    /// <typeparam name="TDestination">The resource's type.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="source">The resource with the connection string.</param>
    /// <param name="connectionName">The connection string's name; by default the other resource's.</param>
    /// <param name="optional">Whether the resource starts without it.</param>
    /// <returns>The resource.</returns>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithConnectionString> source, string? connectionName = null, bool optional = false)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(source);
        var resource = source.Resource;
        var name = connectionName ?? resource.Name;
        builder.WithReferenceRelationship(resource);
        return builder.WithEnvironment(async context =>
        {
            var connectionString = await resource.GetConnectionStringAsync(context.CancellationToken);
            if (string.IsNullOrEmpty(connectionString))
            {
                if (optional)
                    return;
                throw new DistributedApplicationException($"The connection string for the resource '{resource.Name}' is not available.");
            }

            context.EnvironmentVariables[resource.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{name}"] = connectionString;
            foreach (var (property, value) in resource.GetConnectionProperties())
                context.EnvironmentVariables[$"{ResourceNames.ToEnvironmentName(name)}_{property.ToUpperInvariant()}"] = value;
        });
    }

    /// <summary>Gives a resource the addresses of a service.</summary>
    /// <typeparam name="TDestination">The resource's type.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="source">The service.</param>
    /// <returns>The resource.</returns>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(source);
        return builder.WithReference(source, source.Resource.Name);
    }

    /// <summary>Gives a resource the addresses of a service, under another name.</summary>
    /// <typeparam name="TDestination">The resource's type.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="source">The service.</param>
    /// <param name="name">The name.</param>
    /// <returns>The resource.</returns>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source, string name)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(source);
        builder.WithReferenceRelationship(source.Resource);
        return builder.WithEnvironment(context => AddService(context, name, source.Resource.Annotations.OfType<EndpointAnnotation>()));
    }

    /// <summary>Gives a resource one address of a service.</summary>
    /// <typeparam name="TDestination">The resource's type.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="endpointReference">The address.</param>
    /// <returns>The resource.</returns>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, EndpointReference endpointReference)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(endpointReference);
        builder.WithReferenceRelationship(endpointReference.Resource);
        return builder.WithEnvironment(context => AddService(context, endpointReference.Resource.Name, [endpointReference.EndpointAnnotation]));
    }

    /// <summary>Says, for display, that a resource uses another one.</summary>
    /// <typeparam name="T">The resource's type.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="resource">The other one.</param>
    /// <returns>The resource.</returns>
    public static IResourceBuilder<T> WithReferenceRelationship<T>(this IResourceBuilder<T> builder, IResource resource)
        where T : IResource => builder.WithRelationship(resource, "Reference");

    /// <summary>Says, for display, that a resource belongs to another one.</summary>
    /// <typeparam name="T">The resource's type.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="parent">The other one.</param>
    /// <returns>The resource.</returns>
    public static IResourceBuilder<T> WithParentRelationship<T>(this IResourceBuilder<T> builder, IResource parent)
        where T : IResource => builder.WithRelationship(parent, "Parent");

    /// <inheritdoc cref="WithParentRelationship{T}(IResourceBuilder{T}, IResource)"/>
    public static IResourceBuilder<T> WithParentRelationship<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> parent)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(parent);
        return builder.WithParentRelationship(parent.Resource);
    }

    /// <summary>Says, for display, how a resource and another one belong together.</summary>
    /// <typeparam name="T">The resource's type.</typeparam>
    /// <param name="builder">The resource.</param>
    /// <param name="resource">The other one.</param>
    /// <param name="type">How.</param>
    /// <returns>The resource.</returns>
    public static IResourceBuilder<T> WithRelationship<T>(this IResourceBuilder<T> builder, IResource resource, string type)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ResourceRelationshipAnnotation(resource, type));
    }

    // services__{name}__{scheme}__{i} for every process, and under the endpoint's own name if that is another one;
    // {NAME}_{ENDPOINT} for the first process.
    private static void AddService(EnvironmentCallbackContext context, string name, IEnumerable<EndpointAnnotation> endpoints)
    {
        foreach (var endpoint in endpoints)
        {
            foreach (var key in new[] { endpoint.UriScheme, endpoint.Name }.Distinct(ResourceNames.Comparer))
            {
                var index = 0;
                foreach (var instance in endpoint.Instances)
                {
                    while (context.EnvironmentVariables.ContainsKey($"services__{name}__{key}__{index}"))
                        index++;
                    context.EnvironmentVariables[$"services__{name}__{key}__{index}"] = instance.UriString;
                }
            }

            if (endpoint.AllocatedEndpoint is { } first)
                context.EnvironmentVariables[$"{ResourceNames.ToEnvironmentName(name)}_{ResourceNames.ToEnvironmentName(endpoint.Name)}"] = first.UriString;
        }
    }
}
