using Aspire.Hosting.Processes;
using Aspire.Hosting.Running;

namespace Floodgate.HostingTests;

public sealed class RestartTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_process_that_ends_while_it_is_asked_how_it_is_is_started_again()
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(Patience);
        await using var builder = DistributedApplicationTestingBuilder.Create();
        builder.AddResource(new ContainerResource("server")).WithAnnotation(new WorkloadAnnotation(_ => new EndingServer()));
        await using var app = await builder.BuildAsync(timeout.Token);
        await app.StartAsync(timeout.Token);
        await app.ResourceNotifications.WaitForResourceAsync("server", change => change.Snapshot.Property(KnownProperties.Restarts) is 2, timeout.Token);
    }

    [Fact]
    public async Task What_the_app_model_does_when_a_resource_is_ready_may_fail()
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(Patience);
        await using var builder = DistributedApplicationTestingBuilder.Create();
        builder.AddExecutable("program", "sleep", "/", "600").OnResourceReady((_, _, _) => throw new InvalidOperationException("no seed data"));
        await using var app = await builder.BuildAsync(timeout.Token);
        await app.StartAsync(timeout.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("program", timeout.Token);
        var restarted = await app.ResourceCommands.ExecuteCommandAsync("program", KnownResourceCommands.RestartCommand, timeout.Token);
        Assert.True(restarted.Success);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("program", timeout.Token);
    }

    /// <summary>Ends at once; a question that is under way then fails with an exception of its own kind, as a client library's does.</summary>
    private sealed class EndingServer : Workload
    {
        public override string DisplayType => "server";

        public override Task<ProcessSpec> DescribeAsync(CancellationToken cancellationToken) =>
            Task.FromResult(new ProcessSpec("/bin/sh", ["-c", "exit 1"]) { Environment = ProcessEnvironment.Minimal("/") });

        public override async Task ProbeAsync(CancellationToken cancellationToken)
        {
            try
            {
                await Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, cancellationToken);
            }
            catch (OperationCanceledException exception)
            {
                throw new IOException("The connection broke.", exception);
            }
        }
    }
}
