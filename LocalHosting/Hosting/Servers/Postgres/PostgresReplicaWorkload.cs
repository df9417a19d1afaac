using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Processes;
using Aspire.Hosting.Running;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Servers.Postgres;

/// <summary>Runs a PostgreSQL server that streams from another one.</summary>
internal sealed class PostgresReplicaWorkload(WorkloadContext context, PostgresServerResource primary) : PostgresWorkload(context)
{
    private volatile bool _tooFarBehind;

    public override string DisplayType => "PostgreSQL replica";

    private string PasswordFile => Path.Combine(Folder, "pgpass");

    private string PrimaryPort => primary.PrimaryEndpoint.Port.ToString(CultureInfo.InvariantCulture);

    public override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await PostgresFiles.GiveToServerAsync(Folder, cancellationToken);
        var user = await primary.UserNameReference.GetValueAsync(cancellationToken);
        var password = await primary.PasswordParameter.GetValueAsync(cancellationToken);
        await PostgresFiles.WritePrivateAsync(PasswordFile, $"127.0.0.1:{PrimaryPort}:*:{Escape(user!)}:{Escape(password!)}\n", cancellationToken);

        if (_tooFarBehind || !IsCopyOfPrimary())
        {
            Log("Copying the primary.");
            PostgresFiles.Delete(Cluster);
            _tooFarBehind = false;
        }

        await base.PrepareAsync(cancellationToken);
    }

    public override LogLevel Classify(string line, bool isError)
    {
        // The primary has thrown away what the replica still needs: nothing but a new copy helps.
        if (line.Contains("requested WAL segment", StringComparison.Ordinal) && line.Contains("has already been removed", StringComparison.Ordinal))
        {
            if (!_tooFarBehind && ProcessId() is { } pid)
            {
                _tooFarBehind = true;
                NativeProcess.Send(pid, Signal.Interrupt);
            }

            return LogLevel.Warning;
        }

        return base.Classify(line, isError);
    }

    /// <summary>A standby needs settings at least as high as its primary's, so it has the same ones, and then its own.</summary>
    protected override async Task<IReadOnlyList<string>> SettingsAsync(CancellationToken cancellationToken)
    {
        var user = await primary.UserNameReference.GetValueAsync(cancellationToken);
        return
        [
            .. await ResourceConfiguration.ArgumentsAsync(primary, Context.ExecutionContext, cancellationToken),
            .. await base.SettingsAsync(cancellationToken),
            "-c", $"primary_conninfo=host=127.0.0.1 port={PrimaryPort} user={user} passfile='{PasswordFile}' application_name={Server.Name}",
        ];
    }

    protected override async Task InitializeClusterAsync(CancellationToken cancellationToken)
    {
        var user = await primary.UserNameReference.GetValueAsync(cancellationToken);
        var spec = Spec("pg_basebackup", ["-h", "127.0.0.1", "-p", PrimaryPort, "-U", user!, "-w", "-D", Cluster, "-X", "stream", "-R", "-c", "fast", "--no-sync"]);
        await Tool.RunAsync(
            spec with { Environment = new Dictionary<string, string>(spec.Environment, StringComparer.Ordinal) { ["PGPASSFILE"] = PasswordFile } },
            cancellationToken,
            Log);
    }

    private int? ProcessId() =>
        Context.Services.GetRequiredService<ResourceNotificationService>().TryGetCurrentState(Context.Instance.Id, out var state)
            ? state.Snapshot.Property(KnownProperties.Pid) as int?
            : null;

    private bool IsCopyOfPrimary()
    {
        if (!IsInitialized)
            return false;
        var of = PostgresFiles.SystemIdentifier(Path.Combine(Path.GetDirectoryName(Folder)!, primary.Name, "pgdata"));
        return of is null || of == PostgresFiles.SystemIdentifier(Cluster);
    }

    private static string Escape(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal);
}
