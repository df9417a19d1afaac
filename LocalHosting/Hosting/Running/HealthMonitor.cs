using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>Asks processes how they are: often until they are well, then now and then.</summary>
internal sealed class HealthMonitor(
    HealthCheckService healthChecks,
    ResourceNotificationService notifications,
    ResourceLoggerService loggers,
    IDistributedApplicationEventing eventing,
    IServiceProvider services,
    TimeProvider time) : IDisposable
{
    private const string ProbeName = "process";

    private static readonly TimeSpan WhileServerUnwell = TimeSpan.FromMilliseconds(250);

    // A service writes a line about each answer that is not well.
    private static readonly TimeSpan WhileUnwell = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan WhileWell = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = CheckTimeout };

    /// <summary>What is not known yet when a process has just started.</summary>
    public static ImmutableArray<HealthReportSnapshot> InitialReports(ResourceInstance instance, Workload workload) =>
        [.. Names(instance, workload).Select(name => new HealthReportSnapshot(name, null, null, null))];

    /// <summary>Asks until the process ends.</summary>
    public async Task WatchAsync(ResourceInstance instance, Workload workload, CancellationToken cancellationToken)
    {
        var ready = false;
        try
        {
            while (true)
            {
                var reports = await CheckAsync(instance, workload, cancellationToken);
                var well = reports.All(report => report.Status == HealthStatus.Healthy);
                if (well && !ready)
                    well = await BecomeReadyAsync(workload, reports, cancellationToken) is null;
                await PublishAsync(instance, reports);
                if (well && !ready)
                {
                    ready = true;
                    await TellReadyAsync(instance, cancellationToken);
                }

                await Task.Delay(well ? WhileWell : workload.IsServer ? WhileServerUnwell : WhileUnwell, time, cancellationToken);
            }
        }
#pragma warning disable CA1031 // Whatever a check throws while its process goes away says nothing more.
        catch (Exception) when (cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            // The process ended.
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>What the app model does when a resource is ready may fail; the resource runs on.</summary>
    private async Task TellReadyAsync(ResourceInstance instance, CancellationToken cancellationToken)
    {
        try
        {
            await eventing.PublishAsync(new ResourceReadyEvent(instance.Resource, services), cancellationToken);
        }
#pragma warning disable CA1031 // It is the app model's own code: whatever it throws is told.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            loggers.Write(instance.Id, $"What was to follow its being ready failed: {exception.Message}", LogLevel.Error);
        }
    }

    private static IEnumerable<string> Names(ResourceInstance instance, Workload workload)
    {
        if (workload.IsServer)
            yield return ProbeName;
        foreach (var annotation in instance.Resource.Annotations.OfType<HttpHealthCheckAnnotation>())
            yield return annotation.Key;
        foreach (var annotation in instance.Resource.Annotations.OfType<HealthCheckAnnotation>())
            yield return annotation.Key;
    }

    private static async Task<Exception?> BecomeReadyAsync(Workload workload, HealthReportSnapshot[] reports, CancellationToken cancellationToken)
    {
        try
        {
            await workload.InitializeAsync(cancellationToken);
            return null;
        }
#pragma warning disable CA1031 // It is told as the process's health, and tried again.
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            reports[0] = reports[0] with { Status = HealthStatus.Unhealthy, Description = exception.Message };
            return exception;
        }
    }

    private async Task<HealthReportSnapshot[]> CheckAsync(ResourceInstance instance, Workload workload, CancellationToken cancellationToken)
    {
        var checks = new List<Task<HealthReportSnapshot>>();
        if (workload.IsServer)
            checks.Add(ReportAsync(ProbeName, workload.ProbeAsync, cancellationToken));
        foreach (var annotation in instance.Resource.Annotations.OfType<HttpHealthCheckAnnotation>())
            checks.Add(ReportAsync(annotation.Key, token => annotation.CheckAsync(_http, instance, token), cancellationToken));
        foreach (var annotation in instance.Resource.Annotations.OfType<HealthCheckAnnotation>())
            checks.Add(ReportAsync(annotation.Key, token => CheckRegisteredAsync(annotation.Key, token), cancellationToken));
        return await Task.WhenAll(checks);
    }

    private async Task<HealthReportSnapshot> ReportAsync(string name, Func<CancellationToken, Task> check, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(CheckTimeout);
        try
        {
            await check(timeout.Token);
            return new(name, HealthStatus.Healthy, null, null) { LastRunAt = time.GetUtcNow().UtcDateTime };
        }
#pragma warning disable CA1031 // Whatever a check throws is its report.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return new(name, HealthStatus.Unhealthy, exception.Message, exception.ToString()) { LastRunAt = time.GetUtcNow().UtcDateTime };
        }
    }

    private async Task CheckRegisteredAsync(string key, CancellationToken cancellationToken)
    {
        var report = await healthChecks.CheckHealthAsync(registration => registration.Name == key, cancellationToken);
        if (report.Entries.Count == 0)
            throw new DistributedApplicationException($"There is no health check named '{key}'.");
        if (report.Status != HealthStatus.Healthy)
            throw new DistributedApplicationException(report.Entries[key].Description ?? report.Entries[key].Exception?.Message ?? report.Status.ToString());
    }

    private async Task PublishAsync(ResourceInstance instance, HealthReportSnapshot[] reports)
    {
        if (!notifications.TryGetCurrentState(instance.Id, out var now) || now.Snapshot.State?.Text != KnownResourceStates.Running)
            return;
        var old = now.Snapshot.HealthReports;
        var same = old.Length == reports.Length && old.Zip(reports).All(pair => pair.First.Status == pair.Second.Status && pair.First.Description == pair.Second.Description);
        if (!same)
        {
            await notifications.PublishUpdateAsync(instance.Resource, instance.Id, snapshot =>
                snapshot.State?.Text == KnownResourceStates.Running ? snapshot with { HealthReports = [.. reports] } : snapshot);
        }
    }
}
