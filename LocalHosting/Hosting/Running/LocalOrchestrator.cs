using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Data;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Installing;
using Aspire.Hosting.Processes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>Starts and stops the resources of the application.</summary>
internal sealed partial class LocalOrchestrator(
    LocalRun run,
    DistributedApplicationModel model,
    DistributedApplicationExecutionContext executionContext,
    IConfiguration configuration,
    ResourceNotificationService notifications,
    ResourceLoggerService loggers,
    IDistributedApplicationEventing eventing,
    HealthCheckService healthChecks,
    IServiceProvider services,
    TimeProvider time,
    ILogger<LocalOrchestrator> logger) : IHostedService, IAsyncDisposable
{
    private readonly PortPool _ports = new(new Random());
    private readonly HealthMonitor _health = new(healthChecks, notifications, loggers, eventing, services, time);
    private readonly List<InstanceRunner> _runners = [];
    private readonly SemaphoreSlim _stopping = new(1, 1);
    private int _disposed;
    private volatile bool _stopped;
    private DataFolder? _data;
    private LogFiles? _logFiles;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _data = DataFolder.Open(run);
        _logFiles = new LogFiles(loggers, _data);
        UsesFolder(logger, _data.FullPath, run.Ephemeral ? "until the end of this run" : "between runs");
        await ServerPackages.EnsureAsync(model.Resources, logger, cancellationToken);
        var randomize = configuration.GetValue("DcpPublisher:RandomizePorts", defaultValue: false);
        await new EndpointAllocation(_ports, randomize, time).AllocateAsync(model.Resources, cancellationToken);

        CreateRunners(_data);
        foreach (var runner in _runners)
            await runner.PublishInitialAsync();
        await new PassiveResources(model, notifications, eventing, loggers, time).PublishAsync(cancellationToken);
        foreach (var resource in model.Resources)
            await AnnounceAsync(resource, cancellationToken);
        foreach (var runner in _runners.Where(runner => !runner.Instance.Resource.HasAnnotationOfType<ExplicitStartupAnnotation>()))
            await runner.StartAsync();
    }

    /// <summary>Stops what uses the servers, then the replicas and the other servers, then the primary.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_stopped)
            return;
        await _stopping.WaitAsync(CancellationToken.None);
        try
        {
            var waves = _runners.GroupBy(StopWave).OrderBy(wave => wave.Key);
            foreach (var wave in waves)
                await Task.WhenAll(wave.Select(runner => runner.StopAsync()));
            _stopped = true;
        }
        finally
        {
            _stopping.Release();
        }
    }

    /// <summary>The processes of a resource, or one process.</summary>
    public IReadOnlyList<InstanceRunner> Find(string resourceOrInstance)
    {
        var exact = _runners.Where(runner => ResourceNames.Comparer.Equals(runner.Instance.Id, resourceOrInstance)).ToArray();
        return exact.Length > 0
            ? exact
            : [.. _runners.Where(runner => ResourceNames.Comparer.Equals(runner.Instance.Resource.Name, resourceOrInstance))];
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await StopAsync(CancellationToken.None);
        foreach (var runner in _runners)
            runner.Dispose();
        _health.Dispose();
        _ports.Dispose();
        _logFiles?.Dispose();
        _data?.Dispose();
        _stopping.Dispose();
    }

    [LoggerMessage(4, LogLevel.Information, "Data and logs are in {Folder}, {HowLong}.")]
    private static partial void UsesFolder(ILogger logger, string folder, string howLong);

    private int StopWave(InstanceRunner runner)
    {
        if (!runner.Workload.IsServer)
            return 0;
        var isWaitedForByServer = _runners.Any(other => other.Workload.IsServer
            && other.Instance.Resource.Annotations.OfType<WaitAnnotation>().Any(wait => wait.Resource == runner.Instance.Resource));
        return isWaitedForByServer ? 2 : 1;
    }

    private void CreateRunners(DataFolder data)
    {
        foreach (var resource in model.Resources)
        {
            if (!resource.TryGetLastAnnotation<WorkloadAnnotation>(out var annotation))
                continue;
            foreach (var instance in ResourceInstance.Of(resource))
            {
                var context = new WorkloadContext(
                    instance, run, data, _ports, executionContext, services, (line, level) => loggers.Write(instance.Id, line, level));
                _runners.Add(new InstanceRunner(
                    instance, annotation.Create(context), _ports, _health, notifications, loggers, eventing, services, time));
            }
        }
    }

    private async Task AnnounceAsync(IResource resource, CancellationToken cancellationToken)
    {
        if (resource is IResourceWithEndpoints)
            await eventing.PublishAsync(new ResourceEndpointsAllocatedEvent(resource, services), cancellationToken);
        if (resource is IResourceWithConnectionString)
            await eventing.PublishAsync(new ConnectionStringAvailableEvent(resource, services), cancellationToken);
    }
}
