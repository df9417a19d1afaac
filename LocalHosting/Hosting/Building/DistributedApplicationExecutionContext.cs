namespace Aspire.Hosting;

/// <summary>Whether an application runs or is published.</summary>
/// <param name="operation">Which.</param>
public class DistributedApplicationExecutionContext(DistributedApplicationOperation operation)
{
    /// <summary>Which.</summary>
    public DistributedApplicationOperation Operation { get; } = operation;

    /// <summary>It runs.</summary>
    public bool IsRunMode => Operation == DistributedApplicationOperation.Run;

    /// <summary>It is published.</summary>
    public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;
}

/// <summary>What is done with an application.</summary>
public enum DistributedApplicationOperation
{
    /// <summary>It runs.</summary>
    Run = 0,

    /// <summary>It is published: LocalHosting cannot.</summary>
    Publish = 1,
}
