using Aspire.Hosting.Data;
using Aspire.Hosting.Processes;

namespace Floodgate.HostingTests;

/// <summary>However the AppHost ends, nothing of it goes on.</summary>
public sealed class EndTests : IDisposable
{
    private const string AllUp = "all 8 up";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private readonly string _dataHome = Path.Combine(Path.GetTempPath(), "hosting-tests-" + Path.GetRandomFileName());

    public EndTests() => DataFolder.Create(_dataHome);

    public void Dispose() => Directory.Delete(_dataHome, recursive: true);

    [Fact]
    public async Task Nothing_is_left_of_an_AppHost_that_was_killed()
    {
        await using var host = HostProcess.Start(_dataHome, "--ephemeral", "--DcpPublisher:RandomizePorts=true");
        await StartedAsync(host, "all 9 up");
        var processes = ProcessTree.DescendantsOf(host.Pid);
        Assert.True(processes.Count > 10, $"{processes.Count} processes");

        host.Send(Signal.Kill);
        await host.AwaitExitAsync(TestContext.Current.CancellationToken);
        await GoneAsync(processes);
    }

    [Theory]
    [InlineData(Signal.Interrupt)]
    [InlineData(Signal.Terminate)]
    internal async Task A_signal_ends_everything_within_ten_seconds_and_data_is_there_again_at_the_next_start(Signal signal)
    {
        IReadOnlyList<int> processes;
        await using (var host = HostProcess.Start(_dataHome, "--Without:rabbitmq=true", "--DcpPublisher:RandomizePorts=true"))
        {
            await StartedAsync(host, AllUp);
            processes = ProcessTree.DescendantsOf(host.Pid);
            host.Send(signal);
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            timeout.CancelAfter(StopTimeout);
            Assert.Equal(0, await host.AwaitExitAsync(timeout.Token));
        }

        Assert.DoesNotContain(processes, ProcessTree.Exists);
        var folder = Directory.GetDirectories(Path.Combine(_dataHome, "floodgate")).Single();
        var made = File.GetCreationTimeUtc(Path.Combine(folder, "replica-1", "pgdata", "PG_VERSION"));
        var key = await File.ReadAllTextAsync(Path.Combine(folder, "parameters.json"), TestContext.Current.CancellationToken);

        await using var again = HostProcess.Start(_dataHome, "--Without:rabbitmq=true", "--DcpPublisher:RandomizePorts=true");
        await StartedAsync(again, AllUp);
        Assert.Equal(made, File.GetCreationTimeUtc(Path.Combine(folder, "replica-1", "pgdata", "PG_VERSION")));
        Assert.Equal(key, await File.ReadAllTextAsync(Path.Combine(folder, "parameters.json"), TestContext.Current.CancellationToken));

        // Another one on the same data is refused, and told why.
        await using (var second = HostProcess.Start(_dataHome, "--Without:rabbitmq=true", "--DcpPublisher:RandomizePorts=true"))
        {
            Assert.Equal(1, await second.AwaitExitAsync(TestContext.Current.CancellationToken));
            await second.AwaitLineAsync("Another AppHost runs on the data folder", TestContext.Current.CancellationToken);
        }

        var last = ProcessTree.DescendantsOf(again.Pid);
        again.Send(Signal.Kill);
        await again.AwaitExitAsync(TestContext.Current.CancellationToken);
        await GoneAsync(last);
    }

    private static async Task StartedAsync(HostProcess host, string line)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(StartTimeout);
        await host.AwaitLineAsync(line, timeout.Token);
    }

    private static async Task GoneAsync(IReadOnlyList<int> processes)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(StopTimeout);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        try
        {
            while (processes.Any(ProcessTree.Exists))
                await timer.WaitForNextTickAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail("Left behind: " + string.Join(", ", processes.Where(ProcessTree.Exists).Select(pid => File.ReadAllText($"/proc/{pid}/comm").Trim())));
        }
    }
}
