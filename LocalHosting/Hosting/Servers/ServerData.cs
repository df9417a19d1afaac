using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;

namespace Aspire.Hosting.Servers;

/// <summary>Where a server keeps its data.</summary>
internal static class ServerData
{
    /// <summary>
    /// The server's folder. As with containers, the data of a server without a volume does not outlive the run, so the folder is
    /// emptied here, once, before the server's first start.
    /// </summary>
    public static string Folder(WorkloadContext context)
    {
        if (context.Resource.TryGetLastAnnotation<ContainerMountAnnotation>(out var mount) && mount is { Type: ContainerMountType.BindMount, Source: { } source })
            return source;
        var path = Path.Combine(context.Data.FullPath, context.Resource.Name);
        if (mount is null && Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        return context.Data.Sub(context.Resource.Name);
    }

    public static IResourceBuilder<T> WithVolume<T>(IResourceBuilder<T> builder, string? name, string target, bool isReadOnly)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithAnnotation(new ContainerMountAnnotation(name, target, ContainerMountType.Volume, isReadOnly));
    }
}
