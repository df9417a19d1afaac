using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Data;
using Aspire.Hosting.Processes;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>How a resource becomes a process.</summary>
internal abstract class Workload
{
    /// <summary>What it is, for the table.</summary>
    public abstract string DisplayType { get; }

    /// <summary>What Aspire calls it.</summary>
    public virtual string ResourceType => "Executable";

    /// <summary>Whether others of the application store their data in it: it stops after them.</summary>
    public virtual bool IsServer => true;

    /// <summary>Whether it starts again after it ended by itself.</summary>
    public virtual bool RestartsAfter(int exitCode) => true;

    /// <summary>Makes everything ready that the process needs: data, configuration files, helpers.</summary>
    public virtual Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Says what to start.</summary>
    public abstract Task<ProcessSpec> DescribeAsync(CancellationToken cancellationToken);

    /// <summary>The ports that are not endpoints but are listened on.</summary>
    public virtual IEnumerable<int> PrivatePorts => [];

    /// <summary>Asks the process whether it does its work. Throws if it does not.</summary>
    public virtual Task ProbeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs when the process does its work for the first time after a start.</summary>
    public virtual Task InitializeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>How much a line matters. Below information it is left off the console.</summary>
    public virtual LogLevel Classify(string line, bool isError) => LogLevel.Information;

    /// <summary>Ends helpers, after the process has ended.</summary>
    public virtual Task CleanUpAsync() => Task.CompletedTask;
}

/// <summary>What workloads are made with.</summary>
internal sealed record WorkloadContext(
    ResourceInstance Instance,
    LocalRun Run,
    DataFolder Data,
    PortPool Ports,
    DistributedApplicationExecutionContext ExecutionContext,
    IServiceProvider Services,
    Action<string, LogLevel> Log)
{
    public IResource Resource => Instance.Resource;
}

/// <summary>Says how a resource becomes a process.</summary>
internal sealed class WorkloadAnnotation(Func<WorkloadContext, Workload> create) : IResourceAnnotation
{
    public Func<WorkloadContext, Workload> Create { get; } = create;
}
