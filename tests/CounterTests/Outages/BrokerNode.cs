using System.Diagnostics;
using System.Text;
using Floodgate.CounterTests.Running;

namespace Floodgate.CounterTests.Outages;

/// <summary>
/// The running broker, by its process: RabbitMQ's own tool is run with the environment of the server, which names the node,
/// its port mapper and the folder of its cookie.
/// </summary>
internal sealed class BrokerNode(Servers servers)
{
    // Debian's program in PATH changes to another user and the system's folders; the first of these is what it starts.
    private static readonly string[] Tools = ["/usr/lib/rabbitmq/bin/rabbitmqctl", "/opt/rabbitmq/sbin/rabbitmqctl", "rabbitmqctl"];

    /// <summary>Raises the memory alarm: no broker runs in so little.</summary>
    public Task RaiseMemoryAlarmAsync() => ControlAsync("set_vm_memory_high_watermark", "0.0000001");

    /// <summary>Ends the memory alarm, with the server's default.</summary>
    public Task EndMemoryAlarmAsync() => ControlAsync("set_vm_memory_high_watermark", "0.4");

    /// <summary>Raises the disk alarm: no disk has so much free.</summary>
    public Task RaiseDiskAlarmAsync() => ControlAsync("set_disk_free_limit", "1000000000000000");

    /// <summary>Ends the disk alarm, with the server's default.</summary>
    public Task EndDiskAlarmAsync() => ControlAsync("set_disk_free_limit", "50000000");

    /// <summary>Stops the process where it is: it keeps its connections and does nothing (SIGSTOP).</summary>
    public Task FreezeAsync() => RunAsync(new ProcessStartInfo("kill") { ArgumentList = { "-STOP", Pid } });

    /// <summary>Lets it go on (SIGCONT).</summary>
    public Task ThawAsync() => RunAsync(new ProcessStartInfo("kill") { ArgumentList = { "-CONT", Pid } });

    private string Pid => servers.ProcessOf("rabbitmq").ToString(System.Globalization.CultureInfo.InvariantCulture);

    private async Task ControlAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Tools.FirstOrDefault(File.Exists) ?? Tools[^1], arguments);
        start.Environment.Clear();
        var environment = await File.ReadAllTextAsync($"/proc/{Pid}/environ", Encoding.UTF8, TestContext.Current.CancellationToken);
        foreach (var entry in environment.Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = entry.IndexOf('=', StringComparison.Ordinal);
            start.Environment[entry[..at]] = entry[(at + 1)..];
        }

        await RunAsync(start);
    }

    private static async Task RunAsync(ProcessStartInfo start)
    {
        start.UseShellExecute = false;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, $"{start.FileName} {string.Join(' ', start.ArgumentList)}: {await output} {await errors}");
    }
}
