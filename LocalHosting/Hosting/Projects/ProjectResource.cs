namespace Aspire.Hosting.ApplicationModel;

/// <summary>A .NET project that runs as one process or several.</summary>
/// <param name="name">Its name.</param>
public class ProjectResource(string name)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport;

/// <summary>A program.</summary>
/// <param name="name">Its name.</param>
/// <param name="command">The program: a path, or a name that is looked up in PATH.</param>
/// <param name="workingDirectory">Where it runs.</param>
public class ExecutableResource(string name, string command, string workingDirectory)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport
{
    /// <summary>The program.</summary>
    public string Command { get; } = command;

    /// <summary>Where it runs.</summary>
    public string WorkingDirectory { get; } = workingDirectory;
}

/// <summary>A server. In Aspire it is a container; here it is a process.</summary>
/// <param name="name">Its name.</param>
/// <param name="entrypoint">Kept for the interface.</param>
public class ContainerResource(string name, string? entrypoint = null)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport
{
    /// <summary>Kept for the interface.</summary>
    public string? Entrypoint { get; set; } = entrypoint;
}
