using System.Diagnostics;
using System.Text;

namespace Floodgate.CounterTests.Running;

/// <summary>
/// Puts the broker into its memory alarm by lowering the limit to nothing. Its control program needs the environment of
/// the server itself, which the process tells.
/// </summary>
internal static class BrokerAlarm
{
    public static async Task SetAlarmAsync(this Servers servers, bool on)
    {
        var port = new Uri(servers.BrokerConnection).Port;
        var environment = Directory.GetDirectories("/proc")
            .Select(folder => TryRead(Path.Combine(folder, "environ")))
            .FirstOrDefault(lines => lines.Contains($"RABBITMQ_NODE_PORT={port}", StringComparer.Ordinal));
        Assert.SkipWhen(environment is null, "The broker is no process of this machine.");

        var start = new ProcessStartInfo("rabbitmqctl") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        if (Environment.UserName == "root")
        {
            // The wrapper would become another user; the program itself runs as whoever the server runs as.
            start.FileName = Directory.GetFiles("/usr/lib/rabbitmq/lib", "rabbitmqctl", SearchOption.AllDirectories)[0];
        }

        foreach (var pair in environment!.Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2 && pair[0] != "NOTIFY_SOCKET"))
        {
            start.Environment[pair[0]] = pair[1];
        }

        foreach (var argument in new[] { "-n", "rabbit@localhost", "set_vm_memory_high_watermark", on ? "0.0000001" : "0.4" })
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output + errors);
    }

    private static string[] TryRead(string path)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(path)).Split('\0');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
