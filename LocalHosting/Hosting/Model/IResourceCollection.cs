using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The resources of an application.</summary>
[SuppressMessage("Naming", "CA1710", Justification = "Aspire's name")]
public interface IResourceCollection : IList<IResource>
{
    /// <summary>Finds a resource by its name.</summary>
    /// <param name="name">The name; case does not matter.</param>
    /// <param name="resource">The resource, if there is one.</param>
    /// <returns>Whether there is one.</returns>
    bool TryGetByName(string name, [NotNullWhen(true)] out IResource? resource);
}

internal sealed class ResourceCollection : System.Collections.ObjectModel.Collection<IResource>, IResourceCollection
{
    public bool TryGetByName(string name, [NotNullWhen(true)] out IResource? resource)
    {
        resource = this.FirstOrDefault(r => ResourceNames.Comparer.Equals(r.Name, name));
        return resource is not null;
    }
}

/// <summary>What is to run.</summary>
/// <param name="resources">The application's resources.</param>
public class DistributedApplicationModel(IResourceCollection resources)
{
    /// <summary>The application's resources.</summary>
    public IResourceCollection Resources { get; } = resources;
}
