[assembly: AssemblyFixture(typeof(Floodgate.HostingTests.RunningApplication))]

namespace Floodgate.HostingTests;

/// <summary>The small application, started once for the tests that look at it.</summary>
public sealed class RunningApplication : IAsyncLifetime
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(120);

    private IDistributedApplicationTestingBuilder? _builder;

    public DistributedApplication App { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        _builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.HostingTests_AppHost>(timeout.Token);
        App = await _builder.BuildAsync(timeout.Token);
        await App.StartAsync(timeout.Token);
        await App.ResourceNotifications.WaitForResourceHealthyAsync("service", timeout.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (App is not null)
            await App.DisposeAsync();
        if (_builder is not null)
            await _builder.DisposeAsync();
    }

    public int PidOf(string id) =>
        App.ResourceNotifications.TryGetCurrentState(id, out var state) && state.Snapshot.Property(KnownProperties.Pid) is int pid
            ? pid
            : throw new InvalidOperationException($"'{id}' has no process.");

    /// <summary>Kills a process and waits until another one does its work.</summary>
    public async Task KillAndAwaitReturnAsync(string id, CancellationToken cancellationToken)
    {
        var killed = PidOf(id);
        using (var process = System.Diagnostics.Process.GetProcessById(killed))
            process.Kill();
        await App.ResourceNotifications.WaitForResourceAsync(
            id,
            change => change.Snapshot.Property(KnownProperties.Pid) is int pid && pid != killed
                && change.Snapshot.HealthStatus == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy,
            cancellationToken);
    }
}
