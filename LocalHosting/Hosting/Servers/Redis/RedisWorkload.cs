using System.Globalization;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Processes;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Servers.Redis;

/// <summary>How often snapshots are written.</summary>
internal sealed record RedisPersistenceAnnotation(TimeSpan Interval, long KeysChangedThreshold) : IResourceAnnotation;

/// <summary>Runs a Redis server.</summary>
internal sealed class RedisWorkload(WorkloadContext context) : Workload
{
    // Redis marks with # what matters, and among it what it says at every start and stop.
    private static readonly string[] Expected =
        ["Redis is starting", "Redis version=", "Configuration loaded", "Server initialized", "Memory overcommit", "User requested shutdown", "Redis is now ready to exit"];

    private readonly string _folder = ServerData.Folder(context);

    public override string DisplayType => "Redis";

    private RedisResource Server => (RedisResource)context.Resource;

    private int Port => context.Instance.PortOf(Server.PrimaryEndpoint.EndpointAnnotation);

    private string ConfigurationFile => Path.Combine(_folder, "redis.conf");

    public static string? FindProgram() => Programs.Find("redis-server") ?? Programs.Find("valkey-server");

    public override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        text.AppendLine("bind 127.0.0.1").AppendLine("daemonize no").AppendLine("supervised no").AppendLine("pidfile \"\"").AppendLine("logfile \"\"");
        text.AppendLine(CultureInfo.InvariantCulture, $"port {Port}");
        text.AppendLine(CultureInfo.InvariantCulture, $"dir \"{_folder}\"");
        if (Server.PasswordParameter is { } password)
            text.AppendLine(CultureInfo.InvariantCulture, $"requirepass \"{await password.GetValueAsync(cancellationToken)}\"");
        text.AppendLine(Server.TryGetLastAnnotation<RedisPersistenceAnnotation>(out var persistence)
            ? string.Create(CultureInfo.InvariantCulture, $"save {Math.Max(1, (long)persistence.Interval.TotalSeconds)} {persistence.KeysChangedThreshold}")
            : "save \"\"");

        // The password is in a file and not among the arguments, which every user of the machine can read.
        await PrivateFile.WriteAsync(ConfigurationFile, text.ToString(), cancellationToken);
    }

    public override async Task<ProcessSpec> DescribeAsync(CancellationToken cancellationToken)
    {
        var program = FindProgram() ?? throw new DistributedApplicationException("Redis is not installed.");
        var options = await ResourceConfiguration.ArgumentsAsync(Server, context.ExecutionContext, cancellationToken);

        // Data that is thrown away at the end need not be written at all.
        string[] unwritten = context.Run.Ephemeral ? ["--appendonly", "no", "--save", ""] : [];
        return new ProcessSpec(program, [ConfigurationFile, .. options, .. unwritten])
        {
            Environment = ProcessEnvironment.Minimal(_folder),
            WorkingDirectory = _folder,
        };
    }

    public override async Task ProbeAsync(CancellationToken cancellationToken)
    {
        var password = Server.PasswordParameter is { } parameter ? await parameter.GetValueAsync(cancellationToken) : null;
        await RedisProbe.PingAsync(Port, password, cancellationToken);
    }

    public override LogLevel Classify(string line, bool isError)
    {
        if (isError)
            return LogLevel.Warning;
        return line.Contains(" # ", StringComparison.Ordinal) && !Expected.Any(text => line.Contains(text, StringComparison.Ordinal))
            ? LogLevel.Warning
            : LogLevel.Debug;
    }
}
