using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Reads the app model.</summary>
public static class ResourceExtensions
{
    /// <summary>Gets the annotation of a type that was added last.</summary>
    /// <typeparam name="T">The annotation's type.</typeparam>
    /// <param name="resource">The resource.</param>
    /// <param name="annotation">The annotation, if there is one.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryGetLastAnnotation<T>(this IResource resource, [NotNullWhen(true)] out T? annotation)
        where T : IResourceAnnotation
    {
        ArgumentNullException.ThrowIfNull(resource);
        annotation = resource.Annotations.OfType<T>().LastOrDefault();
        return annotation is not null;
    }

    /// <summary>Gets the annotations of a type.</summary>
    /// <typeparam name="T">The annotation's type.</typeparam>
    /// <param name="resource">The resource.</param>
    /// <param name="result">The annotations, if there is one.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryGetAnnotationsOfType<T>(this IResource resource, [NotNullWhen(true)] out IEnumerable<T>? result)
        where T : IResourceAnnotation
    {
        ArgumentNullException.ThrowIfNull(resource);
        var found = resource.Annotations.OfType<T>().ToArray();
        result = found.Length > 0 ? found : null;
        return found.Length > 0;
    }

    /// <summary>Whether the resource has an annotation of a type.</summary>
    /// <typeparam name="T">The annotation's type.</typeparam>
    /// <param name="resource">The resource.</param>
    /// <returns>Whether there is one.</returns>
    public static bool HasAnnotationOfType<T>(this IResource resource)
        where T : IResourceAnnotation
    {
        ArgumentNullException.ThrowIfNull(resource);
        return resource.Annotations.OfType<T>().Any();
    }

    /// <summary>How many processes of the resource run.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>1 unless said otherwise.</returns>
    public static int GetReplicaCount(this IResource resource) =>
        resource.TryGetLastAnnotation<ReplicaAnnotation>(out var replicas) ? replicas.Replicas : 1;

    /// <summary>The ids of the processes of the resource, as events and commands name them.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>The resource's name, or one id for each of its replicas.</returns>
    public static string[] GetResolvedResourceNames(this IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        var replicas = resource.GetReplicaCount();
        return replicas == 1
            ? [resource.Name]
            : [.. Enumerable.Range(0, replicas).Select(i => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{resource.Name}-{i}"))];
    }

    /// <summary>Gets one endpoint of the resource.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="endpointName">The endpoint's name.</param>
    /// <returns>The endpoint; it need not exist yet.</returns>
    public static EndpointReference GetEndpoint(this IResourceWithEndpoints resource, string endpointName) => new(resource, endpointName);

    /// <summary>Gets the endpoints of the resource.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>The endpoints, in the order in which they were added.</returns>
    public static IEnumerable<EndpointReference> GetEndpoints(this IResourceWithEndpoints resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => new EndpointReference(resource, endpoint));
    }
}
