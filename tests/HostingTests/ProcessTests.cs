using System.Net;
using System.Net.Sockets;
using Aspire.Hosting.Processes;
using Aspire.Hosting.Running;
using Aspire.Hosting.Servers.Postgres;
using Microsoft.Extensions.Logging;

namespace Floodgate.HostingTests;

public sealed class ProcessTests
{
    [Fact]
    public void Ports_are_distinct_and_outside_the_range_of_outgoing_connections()
    {
        using var pool = new PortPool(new Random(1));
        var ports = Enumerable.Range(0, 50).Select(_ => pool.Take()).ToArray();
        Assert.Equal(50, ports.Distinct().Count());
        Assert.All(ports, port => Assert.InRange(port, 20_000, 32_767));
    }

    [Fact]
    public void A_port_is_held_until_its_process_starts()
    {
        using var pool = new PortPool(new Random(2));
        var port = pool.Take();
        using var other = new TcpListener(IPAddress.Loopback, port);
        Assert.Throws<SocketException>(other.Start);
        pool.Release(port);
        other.Start();
        using var second = new PortPool(new Random(3));
        Assert.False(second.TryHold(port));
    }

    [Fact]
    public void Restarts_come_slower_each_time_and_fast_again_after_a_good_run()
    {
        var backoff = new RestartBackoff();
        var first = backoff.After(TimeSpan.Zero);
        var second = backoff.After(TimeSpan.Zero);
        for (var i = 0; i < 20; i++)
            backoff.After(TimeSpan.Zero);

        Assert.True(first < second);
        Assert.Equal(TimeSpan.FromSeconds(10), backoff.After(TimeSpan.Zero));
        Assert.Equal(first, backoff.After(TimeSpan.FromMinutes(1)));
    }

    [Theory]
    [InlineData("2026-11-21 10:00:00.000 UTC [7] LOG:  checkpoint complete", LogLevel.Debug)]
    [InlineData("2026-11-21 10:00:00.000 UTC [7] FATAL:  the database system is starting up", LogLevel.Debug)]
    [InlineData("2026-11-21 10:00:00.000 UTC [7] FATAL:  could not map anonymous shared memory", LogLevel.Error)]
    [InlineData("2026-11-21 10:00:00.000 UTC [7] WARNING:  out of disk soon", LogLevel.Warning)]
    public void Of_what_PostgreSQL_logs_only_trouble_goes_to_the_console(string line, LogLevel expected) =>
        Assert.Equal(expected, PostgresLog.Classify(line));

    [Fact]
    public void The_switches_of_LocalHosting_are_taken_from_the_command_line()
    {
        var parsed = CommandLine.Parse(["--ephemeral", "--Parameters:key=1"]);
        Assert.True(parsed.Ephemeral);
        Assert.False(parsed.IsPublish);
        Assert.Equal(["--Parameters:key=1"], parsed.Rest);
        Assert.True(CommandLine.Parse(["--publisher", "manifest", "--output-path", "x.json"]).IsPublish);
    }

    [Fact]
    public async Task A_tool_that_fails_says_what_it_wrote()
    {
        var spec = new ProcessSpec("/bin/sh", ["-c", "echo disk full >&2; exit 3"]) { Environment = ProcessEnvironment.Minimal("/") };
        var failure = await Assert.ThrowsAsync<DistributedApplicationException>(() => Tool.RunAsync(spec, TestContext.Current.CancellationToken));
        Assert.Contains("exit code 3: disk full", failure.Message, StringComparison.Ordinal);
    }
}
