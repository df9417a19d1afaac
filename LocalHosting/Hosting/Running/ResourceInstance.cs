using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>One process of a resource: a project with replicas has several.</summary>
/// <param name="Resource">The resource.</param>
/// <param name="Index">Counted from 0.</param>
/// <param name="Id">The resource's name, or with several processes <c>{name}-{index}</c>.</param>
internal sealed record ResourceInstance(IResource Resource, int Index, string Id)
{
    public IEnumerable<EndpointAnnotation> Endpoints => Resource.Annotations.OfType<EndpointAnnotation>();

    public int PortOf(EndpointAnnotation endpoint) => endpoint.Instances[Index].Port;

    public static IEnumerable<ResourceInstance> Of(IResource resource)
    {
        var count = resource.GetReplicaCount();
        return Enumerable.Range(0, count).Select(index => new ResourceInstance(resource, index, count == 1 ? resource.Name : $"{resource.Name}-{index}"));
    }
}
