using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Processes;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Aspire.Hosting.Servers.Postgres;

/// <summary>Runs a PostgreSQL server.</summary>
internal class PostgresWorkload(WorkloadContext context) : Workload
{
    private readonly string _folder = ServerData.Folder(context);
    private PostgresInstallation? _installation;

    public override string DisplayType => "PostgreSQL";

    protected WorkloadContext Context => context;

    protected PostgresServerResource Server => (PostgresServerResource)context.Resource;

    protected PostgresInstallation Installation => _installation ??= PostgresInstallation.Find()
        ?? throw new DistributedApplicationException("PostgreSQL is not installed.");

    /// <summary>The cluster: what PGDATA names.</summary>
    protected string Cluster => Path.Combine(_folder, "pgdata");

    /// <summary>The folder around the cluster, for files that are not PostgreSQL's own.</summary>
    protected string Folder => _folder;

    protected bool IsInitialized => File.Exists(Path.Combine(Cluster, "PG_VERSION"));

    public override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await PostgresFiles.GiveToServerAsync(_folder, cancellationToken);
        if (!IsInitialized)
        {
            PostgresFiles.Delete(Cluster);
            await InitializeClusterAsync(cancellationToken);
        }

        PostgresFiles.CheckVersion(Cluster, Installation);
        PostgresFiles.RemoveStaleLock(Cluster);
    }

    public override async Task<ProcessSpec> DescribeAsync(CancellationToken cancellationToken)
    {
        var port = context.Instance.PortOf(Server.PrimaryEndpoint.EndpointAnnotation).ToString(CultureInfo.InvariantCulture);
        string[] own =
        [
            "-D", Cluster,
            "-p", port,
            "-c", "listen_addresses=127.0.0.1",
            "-c", "unix_socket_directories=",
            "-c", "logging_collector=off",
            "-c", "log_destination=stderr",
            "-c", $"cluster_name={Server.Name}",
        ];
        return Spec("postgres", [.. own, .. await SettingsAsync(cancellationToken)]) with
        {
            // Fast shutdown: sessions are ended, nothing needs recovery. A terminating one would wait for the sessions to end.
            StopSignal = Signal.Interrupt,
        };
    }

    public override async Task ProbeAsync(CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT 1", connection);
        await command.ExecuteScalarAsync(cancellationToken);
    }

    public override async Task InitializeAsync(CancellationToken cancellationToken)
    {
        if (Server.Databases.Count == 0)
            return;
        await using var connection = await ConnectAsync(cancellationToken);
        foreach (var database in Server.Databases.Values)
        {
            await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection) { Parameters = { new() { Value = database } } };
            if (await exists.ExecuteScalarAsync(cancellationToken) is not null)
                continue;
            var quoted = new NpgsqlCommandBuilder().QuoteIdentifier(database);
#pragma warning disable CA2100 // A database's name cannot be a parameter; it comes from the app model and is quoted.
            await using var create = new NpgsqlCommand($"CREATE DATABASE {quoted}", connection);
#pragma warning restore CA2100
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    public override LogLevel Classify(string line, bool isError) => PostgresLog.Classify(line);

    /// <summary>The settings the app model gives the server: <c>-c name=value</c>.</summary>
    protected virtual async Task<IReadOnlyList<string>> SettingsAsync(CancellationToken cancellationToken) =>
        await ResourceConfiguration.ArgumentsAsync(Server, context.ExecutionContext, cancellationToken);

    protected virtual async Task InitializeClusterAsync(CancellationToken cancellationToken)
    {
        var user = await Server.UserNameReference.GetValueAsync(cancellationToken);
        var password = await Server.PasswordParameter.GetValueAsync(cancellationToken);
        var passwordFile = Path.Combine(_folder, "password");
        await PostgresFiles.WritePrivateAsync(passwordFile, password!, cancellationToken);
        try
        {
            // Not synchronised: a cluster that is half made when the machine fails is made again.
            await Tool.RunAsync(
                Spec("initdb", ["-D", Cluster, "-U", user!, "-A", "scram-sha-256", $"--pwfile={passwordFile}", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]),
                cancellationToken,
                Log);
        }
        finally
        {
            File.Delete(passwordFile);
        }
    }

    protected ProcessSpec Spec(string program, IReadOnlyList<string> arguments) => new(Installation.Program(program), arguments)
    {
        User = PostgresInstallation.User,
        WorkingDirectory = _folder,
        Environment = ProcessEnvironment.Minimal(_folder),
    };

    protected void Log(string line) => context.Log(line, LogLevel.Debug);

    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        var connectionString = await Server.GetConnectionStringAsync(cancellationToken);
        var connection = new NpgsqlConnection($"{connectionString};Database=postgres;Pooling=false;Timeout=3;Command Timeout=3;Application Name=apphost");
        await connection.OpenAsync(cancellationToken);
        return connection;
    }
}
