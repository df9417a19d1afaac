using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Processes;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>Keeps one process running: waits for what it needs, starts it, watches it, starts it again, ends it.</summary>
internal sealed class InstanceRunner(
    ResourceInstance instance,
    Workload workload,
    PortPool ports,
    HealthMonitor health,
    ResourceNotificationService notifications,
    ResourceLoggerService loggers,
    IDistributedApplicationEventing eventing,
    IServiceProvider services,
    TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _command = new(1, 1);
    private CancellationTokenSource _life = new();
    private Task _running = Task.CompletedTask;

    public ResourceInstance Instance => instance;

    public Workload Workload => workload;

    /// <summary>Starts the process, if it is not wanted already.</summary>
    public Task StartAsync() => CommandAsync(() =>
    {
        if (_running.IsCompleted)
        {
            _life.Dispose();
            _life = new CancellationTokenSource();
            var token = _life.Token;
            _running = Task.Run(() => KeepRunningAsync(token), CancellationToken.None);
        }

        return Task.CompletedTask;
    });

    /// <summary>Ends the process; it stays ended.</summary>
    public Task StopAsync() => CommandAsync(async () =>
    {
        await _life.CancelAsync();
        await _running;
    });

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>Tells how it is before it was ever started.</summary>
    public Task PublishInitialAsync() => PublishAsync(snapshot => snapshot with
    {
        ResourceType = workload.ResourceType,
        State = instance.Resource.HasAnnotationOfType<ExplicitStartupAnnotation>() ? KnownResourceStates.NotStarted : KnownResourceStates.Starting,
        CreationTimeStamp = Now(),
        Urls = [.. instance.Endpoints.Select(endpoint => new UrlSnapshot(endpoint.Name, endpoint.Instances[instance.Index].UriString, !endpoint.IsExternal))],
    });

    public void Dispose()
    {
        _command.Dispose();
        _life.Dispose();
    }

    private async Task CommandAsync(Func<Task> action)
    {
        await _command.WaitAsync();
        try
        {
            await action();
        }
        finally
        {
            _command.Release();
        }
    }

    private async Task KeepRunningAsync(CancellationToken cancellationToken)
    {
        var backoff = new RestartBackoff();
        try
        {
            await WaitForOthersAsync(cancellationToken);
            await eventing.PublishAsync(new BeforeResourceStartedEvent(instance.Resource, services), cancellationToken);
            for (var restarts = 0; ; restarts++)
            {
                var began = time.GetTimestamp();
                if (await RunOnceAsync(restarts, cancellationToken) is { } exitCode && !workload.RestartsAfter(exitCode))
                    return;
                await Task.Delay(backoff.After(time.GetElapsedTime(began)), time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It was asked to end.
            await PublishAsync(snapshot => snapshot.State?.Text is { } state && KnownResourceStates.TerminalStates.Contains(state, StringComparer.Ordinal)
                ? snapshot
                : snapshot with { State = KnownResourceStates.Exited });
        }
#pragma warning disable CA1031 // The resource's failure is told, and ends no other one.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            await FailAsync(exception);
        }
        finally
        {
            await workload.CleanUpAsync();
        }
    }

    private async Task WaitForOthersAsync(CancellationToken cancellationToken)
    {
        var waits = instance.Resource.Annotations.OfType<WaitAnnotation>().ToArray();
        if (waits.Length == 0)
            return;

        await foreach (var _ in notifications.WatchAsync(cancellationToken))
        {
            var open = waits.Where(wait => !notifications.IsMet(wait)).Select(wait => wait.Resource.Name).Distinct(StringComparer.Ordinal).ToArray();
            var waitingFor = open.Length == 0 ? null : string.Join(", ", open);
            if (notifications.TryGetCurrentState(instance.Id, out var now) && (string?)now.Snapshot.Property(KnownProperties.WaitingFor) != waitingFor)
            {
                await PublishAsync(snapshot => snapshot.WithProperty(KnownProperties.WaitingFor, waitingFor) with
                {
                    State = waitingFor is null ? KnownResourceStates.Starting : KnownResourceStates.Waiting,
                });
            }

            if (open.Length == 0)
                return;
        }
    }

    /// <summary>Runs the process once. The exit code; null if it could not be started.</summary>
    private async Task<int?> RunOnceAsync(int restarts, CancellationToken cancellationToken)
    {
        RunningProcess process;
        try
        {
            await PublishAsync(snapshot => snapshot with { State = KnownResourceStates.Starting });
            await workload.PrepareAsync(cancellationToken);
            var spec = await workload.DescribeAsync(cancellationToken);
            ReleasePorts();
            process = await ProcessLauncher.StartAsync(spec, Write);
        }
        catch (Exception exception) when (exception is not OperationCanceledException && !IsFinal(exception))
        {
            await FailAsync(exception);
            return null;
        }

        using (process)
        {
            await PublishAsync(snapshot => snapshot
                .WithProperty(KnownProperties.Pid, process.Pid)
                .WithProperty(KnownProperties.Problem, null)
                .WithProperty(KnownProperties.Restarts, restarts == 0 ? null : restarts) with
            {
                State = KnownResourceStates.Running,
                StartTimeStamp = Now(),
                StopTimeStamp = null,
                ExitCode = null,
                HealthReports = HealthMonitor.InitialReports(instance, workload),
            });
            return await WatchAsync(process, cancellationToken);
        }
    }

    private async Task<int> WatchAsync(RunningProcess process, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = health.WatchAsync(instance, workload, ended.Token);
        var stopped = false;
        try
        {
            await process.Exited.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            stopped = true;
            await PublishAsync(snapshot => snapshot with { State = KnownResourceStates.Stopping, HealthReports = [] });
            await process.StopAsync();
        }

        await ended.CancelAsync();
        await watching;
        var exitCode = process.Exited.IsCompletedSuccessfully ? await process.Exited : -1;
        var finished = !stopped && exitCode == 0 && !workload.RestartsAfter(0);
        await PublishAsync(snapshot => snapshot.WithProperty(KnownProperties.Pid, null) with
        {
            State = finished ? KnownResourceStates.Finished : KnownResourceStates.Exited,
            ExitCode = exitCode,
            StopTimeStamp = Now(),
            HealthReports = [],
        });
        if (!stopped && !finished)
            Write($"ended with exit code {exitCode}", LogLevel.Warning);
        cancellationToken.ThrowIfCancellationRequested();
        return exitCode;
    }

    private void ReleasePorts()
    {
        foreach (var endpoint in instance.Endpoints)
            ports.Release(instance.PortOf(endpoint));
        foreach (var port in workload.PrivatePorts)
            ports.Release(port);
    }

    private static bool IsFinal(Exception exception) => exception is MissingParameterValueException;

    private async Task FailAsync(Exception exception)
    {
        Write(exception.Message, LogLevel.Error);
        await PublishAsync(snapshot => snapshot.WithProperty(KnownProperties.Problem, exception.Message) with
        {
            State = exception is MissingParameterValueException ? KnownResourceStates.ValueMissing : KnownResourceStates.FailedToStart,
            HealthReports = ImmutableArray<HealthReportSnapshot>.Empty,
        });
    }

    private void Write(string line, bool isError) => loggers.Write(instance.Id, line, workload.Classify(line, isError));

    private void Write(string line, LogLevel level) => loggers.Write(instance.Id, line, level);

    private Task PublishAsync(Func<CustomResourceSnapshot, CustomResourceSnapshot> change) =>
        notifications.PublishUpdateAsync(instance.Resource, instance.Id, change);

    private DateTime Now() => time.GetUtcNow().UtcDateTime;
}
