namespace Aspire.Hosting.ApplicationModel;

/// <summary>Computes environment variables when the resource is about to start.</summary>
public class EnvironmentCallbackAnnotation : IResourceAnnotation
{
    /// <summary>Makes the annotation.</summary>
    /// <param name="callback">Writes into <see cref="EnvironmentCallbackContext.EnvironmentVariables"/>.</param>
    public EnvironmentCallbackAnnotation(Func<EnvironmentCallbackContext, Task> callback) => Callback = callback;

    /// <inheritdoc cref="EnvironmentCallbackAnnotation(Func{EnvironmentCallbackContext, Task})"/>
    public EnvironmentCallbackAnnotation(Action<EnvironmentCallbackContext> callback)
        : this(context =>
        {
            callback(context);
            return Task.CompletedTask;
        })
    {
    }

    /// <summary>Writes the variables.</summary>
    public Func<EnvironmentCallbackContext, Task> Callback { get; }
}

/// <summary>What an environment callback reads and writes.</summary>
/// <param name="executionContext">Whether the application runs or is published.</param>
/// <param name="resource">The resource that is about to start.</param>
/// <param name="environmentVariables">The variables so far: strings, or value providers.</param>
/// <param name="cancellationToken">Ends the computation.</param>
public class EnvironmentCallbackContext(
    DistributedApplicationExecutionContext executionContext,
    IResource resource,
    Dictionary<string, object>? environmentVariables = null,
    CancellationToken cancellationToken = default)
{
    /// <summary>The variables so far: strings, or value providers.</summary>
    public Dictionary<string, object> EnvironmentVariables { get; } = environmentVariables ?? [];

    /// <summary>Whether the application runs or is published.</summary>
    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext;

    /// <summary>The resource that is about to start.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>Ends the computation.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;
}

/// <summary>Computes command-line arguments when the resource is about to start.</summary>
public class CommandLineArgsCallbackAnnotation : IResourceAnnotation
{
    /// <summary>Makes the annotation.</summary>
    /// <param name="callback">Writes into <see cref="CommandLineArgsCallbackContext.Args"/>.</param>
    public CommandLineArgsCallbackAnnotation(Func<CommandLineArgsCallbackContext, Task> callback) => Callback = callback;

    /// <summary>Makes the annotation.</summary>
    /// <param name="callback">Writes into the list of arguments.</param>
    public CommandLineArgsCallbackAnnotation(Action<IList<object>> callback)
        : this(context =>
        {
            callback(context.Args);
            return Task.CompletedTask;
        })
    {
    }

    /// <summary>Writes the arguments.</summary>
    public Func<CommandLineArgsCallbackContext, Task> Callback { get; }
}

/// <summary>What an argument callback reads and writes.</summary>
/// <param name="args">The arguments so far: strings, or value providers.</param>
/// <param name="resource">The resource that is about to start.</param>
/// <param name="cancellationToken">Ends the computation.</param>
public sealed class CommandLineArgsCallbackContext(IList<object> args, IResource resource, CancellationToken cancellationToken = default)
{
    /// <summary>The arguments so far: strings, or value providers.</summary>
    public IList<object> Args { get; } = args;

    /// <summary>The resource that is about to start.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>Whether the application runs or is published.</summary>
    public DistributedApplicationExecutionContext ExecutionContext { get; init; } = new(DistributedApplicationOperation.Run);

    /// <summary>Ends the computation.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;
}

/// <summary>How many processes of a project run.</summary>
/// <param name="replicas">At least 1.</param>
public sealed class ReplicaAnnotation(int replicas = 1) : IResourceAnnotation
{
    /// <summary>How many.</summary>
    public int Replicas { get; } = replicas;
}

/// <summary>Names a health check of the application's services that tells how the resource is.</summary>
/// <param name="key">The health check's name.</param>
public class HealthCheckAnnotation(string key) : IResourceAnnotation
{
    /// <summary>The health check's name.</summary>
    public string Key { get; } = key;
}

/// <summary>The resource is started by a command, not with the application.</summary>
public sealed class ExplicitStartupAnnotation : IResourceAnnotation;

/// <summary>The project's launch profiles are not read.</summary>
public sealed class ExcludeLaunchProfileAnnotation : IResourceAnnotation;

/// <summary>The launch profile to read.</summary>
/// <param name="launchProfileName">Its name in <c>launchSettings.json</c>.</param>
public sealed class LaunchProfileAnnotation(string launchProfileName) : IResourceAnnotation
{
    /// <summary>Its name in <c>launchSettings.json</c>.</summary>
    public string LaunchProfileName { get; } = launchProfileName;
}

/// <summary>How two resources belong together, for display.</summary>
/// <param name="resource">The other one.</param>
/// <param name="type">How, for example <c>Parent</c> or <c>Reference</c>.</param>
public sealed class ResourceRelationshipAnnotation(IResource resource, string type) : IResourceAnnotation
{
    /// <summary>The other one.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>How they belong together.</summary>
    public string Type { get; } = type;
}

/// <summary>The data of a server is kept, or comes from a given place.</summary>
/// <param name="source">The volume's name or the folder; null for the resource's own.</param>
/// <param name="target">Where a container would have it.</param>
/// <param name="type">Volume or folder.</param>
/// <param name="isReadOnly">Whether the server only reads it.</param>
public sealed class ContainerMountAnnotation(string? source, string target, ContainerMountType type, bool isReadOnly) : IResourceAnnotation
{
    /// <summary>The volume's name or the folder.</summary>
    public string? Source { get; } = source;

    /// <summary>Where a container would have it.</summary>
    public string Target { get; } = target;

    /// <summary>Volume or folder.</summary>
    public ContainerMountType Type { get; } = type;

    /// <summary>Whether the server only reads it.</summary>
    public bool IsReadOnly { get; } = isReadOnly;
}

/// <summary>What a mount is.</summary>
public enum ContainerMountType
{
    /// <summary>A folder of the machine.</summary>
    BindMount = 0,

    /// <summary>A volume: here, the resource's own folder in the data folder.</summary>
    Volume = 1,
}
