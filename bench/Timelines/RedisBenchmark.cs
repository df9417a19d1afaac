using System.Diagnostics;
using System.Globalization;
using Floodgate.Bench.CommandLine;

namespace Floodgate.Bench.Timelines;

/// <summary>The limit: a pipelined ZADD by redis-benchmark, which comes with Redis.</summary>
internal static class RedisBenchmark
{
    private const int Pipeline = 64;
    private const int Members = 100_000;

    /// <summary>Runs it against a server.</summary>
    /// <param name="connection">The connection string: <c>host:port,password=…</c>.</param>
    /// <param name="commands">How many commands.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Commands a second.</returns>
    /// <exception cref="RunFailedException">There is no such program, or it failed.</exception>
    public static async Task<double> RunAsync(string connection, int commands, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("redis-benchmark") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in ArgumentsFor(connection, commands)) start.ArgumentList.Add(argument);
        using var process = Start(start);
        try
        {
            var errors = process.StandardError.ReadToEndAsync(cancellation);
            var output = await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return RateIn(output) ?? throw new RunFailedException($"redis-benchmark failed: {(await errors).Trim()}");
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    /// <summary>Commands a second in what <c>redis-benchmark --csv</c> writes; null where it is not there.</summary>
    public static double? RateIn(string output)
    {
        foreach (var line in output.Split('\n'))
        {
            var fields = line.Split(',');
            if (fields.Length > 1 && fields[0].Trim('"') == "ZADD"
                && double.TryParse(fields[1].Trim('"', ' '), NumberStyles.Float, CultureInfo.InvariantCulture, out var rate))
                return rate;
        }

        return null;
    }

    /// <summary>The command line.</summary>
    public static IReadOnlyList<string> ArgumentsFor(string connection, int commands)
    {
        var parts = connection.Split(',');
        var address = parts[0].Split(':');
        const string Password = "password=";
        var password = Array.Find(parts, part => part.StartsWith(Password, StringComparison.Ordinal));
        return
        [
            "-h", address[0], "-p", address[1], .. password is null ? Array.Empty<string>() : ["-a", password[Password.Length..]],
            "-P", Text(Pipeline), "-n", Text(commands), "-r", Text(Members), "-t", "zadd", "--csv",
        ];
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new RunFailedException("There is no redis-benchmark on this machine; '--only' can leave the part 'limit' out.");
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
