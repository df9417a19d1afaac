namespace Aspire.Hosting.ApplicationModel;

/// <summary>The resource starts after another one.</summary>
/// <param name="resource">The other one.</param>
/// <param name="waitType">What it has to be.</param>
/// <param name="exitCode">The exit code a completion has to have.</param>
public sealed class WaitAnnotation(IResource resource, WaitType waitType, int exitCode = 0) : IResourceAnnotation
{
    /// <summary>The other one.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>What it has to be.</summary>
    public WaitType WaitType { get; } = waitType;

    /// <summary>The exit code a completion has to have.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>What happens if the other one cannot start. Kept for the interface: LocalHosting waits.</summary>
    public WaitBehavior? WaitBehavior { get; init; }
}

/// <summary>What a resource waits for.</summary>
public enum WaitType
{
    /// <summary>The other one runs and is healthy.</summary>
    WaitUntilHealthy = 0,

    /// <summary>The other one has ended.</summary>
    WaitForCompletion = 1,

    /// <summary>The other one runs.</summary>
    WaitUntilStarted = 2,
}

/// <summary>What happens if the other one cannot start.</summary>
public enum WaitBehavior
{
    /// <summary>Wait until it can.</summary>
    WaitOnResourceUnavailable = 0,

    /// <summary>Give up.</summary>
    StopOnResourceUnavailable = 1,
}
