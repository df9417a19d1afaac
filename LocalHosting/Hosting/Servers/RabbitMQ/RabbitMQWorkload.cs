using System.Globalization;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Processes;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Aspire.Hosting.Servers.RabbitMQ;

/// <summary>Runs a RabbitMQ server.</summary>
internal sealed class RabbitMQWorkload : Workload
{
    // What a new server says, and what a client's death leaves: that client's own log says more.
    private static readonly string[] Expected = ["rebuilding indices from scratch", "closing AMQP connection"];

    private readonly WorkloadContext _context;
    private readonly string _folder;
    private readonly int _distributionPort;
    private readonly int _portMapperPort;
    private RunningProcess? _portMapper;

    public RabbitMQWorkload(WorkloadContext context)
    {
        _context = context;
        _folder = ServerData.Folder(context);
        _distributionPort = context.Ports.Take();
        _portMapperPort = context.Ports.Take();
    }

    public override string DisplayType => "RabbitMQ";

    public override IEnumerable<int> PrivatePorts => [_distributionPort];

    private RabbitMQServerResource Server => (RabbitMQServerResource)_context.Resource;

    private static RabbitMQInstallation Installation => RabbitMQInstallation.Find()
        ?? throw new DistributedApplicationException("RabbitMQ is not installed.");

    public override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"default_user = {await Server.UserNameReference.GetValueAsync(cancellationToken)}");
        text.AppendLine(CultureInfo.InvariantCulture, $"default_pass = {await Server.PasswordParameter.GetValueAsync(cancellationToken)}");
        if (Server.ManagementEndpoint.Exists)
        {
            text.AppendLine("management.tcp.ip = 127.0.0.1");
            text.AppendLine(CultureInfo.InvariantCulture, $"management.tcp.port = {_context.Instance.PortOf(Server.ManagementEndpoint.EndpointAnnotation)}");
        }

        await PrivateFile.WriteAsync(Path.Combine(_folder, "rabbitmq.conf"), text.ToString(), cancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "enabled_plugins"), Server.ManagementEndpoint.Exists ? "[rabbitmq_management]." : "[].", cancellationToken);
        await StartPortMapperAsync();
    }

    public override Task<ProcessSpec> DescribeAsync(CancellationToken cancellationToken)
    {
        var environment = BaseEnvironment();
        environment["RABBITMQ_NODENAME"] = "rabbit@localhost";
        environment["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1";
        environment["RABBITMQ_NODE_PORT"] = Text(_context.Instance.PortOf(Server.PrimaryEndpoint.EndpointAnnotation));
        environment["RABBITMQ_DIST_PORT"] = Text(_distributionPort);
        environment["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder, "rabbitmq.conf");
        environment["RABBITMQ_CONF_ENV_FILE"] = "/dev/null";
        environment["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "enabled_plugins");
        environment["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder, "mnesia");
        environment["RABBITMQ_LOG_BASE"] = Path.Combine(_folder, "log");
        environment["RABBITMQ_LOGS"] = "-";
        environment["RABBITMQ_PID_FILE"] = Path.Combine(_folder, "pid");
        environment["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}";

        // The start script then becomes the server instead of waiting for it: signals reach the server itself.
        environment["RUNNING_UNDER_SYSTEMD"] = "true";
        return Task.FromResult(new ProcessSpec(Installation.Server, []) { Environment = environment, WorkingDirectory = _folder });
    }

    public override async Task ProbeAsync(CancellationToken cancellationToken)
    {
        var address = await Server.ConnectionStringExpression.GetValueAsync(cancellationToken);
        var factory = new ConnectionFactory { Uri = new Uri(address!), AutomaticRecoveryEnabled = false, ClientProvidedName = "apphost" };
        await using var connection = await factory.CreateConnectionAsync(cancellationToken);
        await connection.CloseAsync(cancellationToken);
    }

    public override LogLevel Classify(string line, bool isError)
    {
        if (line.Contains("[error]", StringComparison.Ordinal) || line.Contains("[critical]", StringComparison.Ordinal))
            return LogLevel.Error;

        return line.Contains("[warning]", StringComparison.Ordinal) && !Expected.Any(text => line.Contains(text, StringComparison.Ordinal))
            ? LogLevel.Warning
            : LogLevel.Debug;
    }

    public override async Task CleanUpAsync()
    {
        if (_portMapper is null)
            return;
        await _portMapper.StopAsync();
        _portMapper.Dispose();
        _portMapper = null;
    }

    /// <summary>
    /// Starts a port mapper of this server's own. The server would otherwise start one that serves the whole machine, listens on all
    /// addresses and is left behind.
    /// </summary>
    private async Task StartPortMapperAsync()
    {
        if (_portMapper is { Exited.IsCompleted: false })
            return;
        _portMapper?.Dispose();
        _context.Ports.Release(_portMapperPort);
        _portMapper = await ProcessLauncher.StartAsync(
            new ProcessSpec(Installation.PortMapper, ["-port", Text(_portMapperPort), "-address", "127.0.0.1"])
            {
                Environment = BaseEnvironment(),
                WorkingDirectory = _folder,
                StopSignal = Signal.Kill,
            },
            (line, _) => _context.Log($"epmd: {line}", LogLevel.Debug));
    }

    private Dictionary<string, string> BaseEnvironment()
    {
        var environment = ProcessEnvironment.Minimal(_folder);
        environment["ERL_EPMD_ADDRESS"] = "127.0.0.1";
        environment["ERL_EPMD_PORT"] = Text(_portMapperPort);
        environment["ERL_FLAGS"] = "-start_epmd false";
        return environment;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
