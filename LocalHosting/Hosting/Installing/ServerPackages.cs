using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Processes;
using Aspire.Hosting.Servers.Postgres;
using Aspire.Hosting.Servers.RabbitMQ;
using Aspire.Hosting.Servers.Redis;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Installing;

/// <summary>Sees that the servers the application needs are on the machine, and installs them where it may.</summary>
internal static partial class ServerPackages
{
    // Debian starts a server when its package is installed. A policy that forbids it is put in place for that time only.
    private const string Script =
        """
        set -eu
        policy=/usr/sbin/policy-rc.d
        saved=$policy.before-floodgate
        if grep -q 'LocalHosting' "$policy" 2>/dev/null; then rm -f "$policy"; fi
        if [ -e "$policy" ] && [ ! -e "$saved" ]; then mv "$policy" "$saved"; fi
        restore() { rm -f "$policy"; if [ -e "$saved" ]; then mv "$saved" "$policy"; fi; }
        trap restore EXIT
        trap 'exit 143' TERM INT
        printf '#!/bin/sh\n# LocalHosting put this here while it installs packages.\nexit 101\n' > "$policy"
        chmod 755 "$policy"
        export DEBIAN_FRONTEND=noninteractive
        dpkg --configure -a
        apt-get -q -o DPkg::Lock::Timeout=300 update || echo 'Some package lists could not be refreshed.'
        apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@"
        """;

    public static async Task EnsureAsync(IEnumerable<IResource> resources, ILogger logger, CancellationToken cancellationToken)
    {
        var needed = resources.ToArray();
        var missing = Missing(needed);
        if (missing.Count == 0)
            return;

        var decision = InstallDecision.Make(missing, await AbilitiesAsync(cancellationToken));
        Installing(logger, string.Join(", ", missing.Select(server => server.Name)), decision.UseSudo ? "sudo " : "", string.Join(' ', decision.Packages));

        // Not cancelled: killed in the middle, dpkg is left half done and the policy that forbids services in place.
        await InstallAsync(decision, logger, CancellationToken.None);
        missing = Missing(needed);
        if (missing.Count > 0)
            throw new DistributedApplicationException($"{missing[0].Name} was installed but its programs are not found.");
    }

    private static List<ServerPackage> Missing(IResource[] resources)
    {
        var missing = new List<ServerPackage>();
        if (resources.OfType<PostgresServerResource>().Any() && PostgresInstallation.Find() is null)
            missing.Add(new("PostgreSQL", "postgresql"));
        if (resources.OfType<RedisResource>().Any() && RedisWorkload.FindProgram() is null)
            missing.Add(new("Redis", "redis-server"));
        if (resources.OfType<RabbitMQServerResource>().Any() && RabbitMQInstallation.Find() is null)
            missing.Add(new("RabbitMQ", "rabbitmq-server"));
        return missing;
    }

    private static async Task<MachineAbilities> AbilitiesAsync(CancellationToken cancellationToken)
    {
        var hasApt = Programs.Find("apt-get") is not null;
        return new(hasApt, Environment.IsPrivilegedProcess, hasApt && !Environment.IsPrivilegedProcess && await SudoWorksAsync(cancellationToken));
    }

    private static async Task<bool> SudoWorksAsync(CancellationToken cancellationToken)
    {
        if (Programs.Find("sudo") is not { } sudo)
            return false;
        try
        {
            await Tool.RunAsync(new ProcessSpec(sudo, ["-n", "true"]) { Environment = ProcessEnvironment.Inherited() }, cancellationToken);
            return true;
        }
        catch (DistributedApplicationException)
        {
            return false;
        }
    }

    private static async Task InstallAsync(InstallDecision decision, ILogger logger, CancellationToken cancellationToken)
    {
        string[] shell = ["-c", Script, "sh", .. decision.Packages];
        var spec = decision.UseSudo
            ? new ProcessSpec(Programs.Require("sudo", "sudo"), ["-n", "/bin/sh", .. shell]) { Environment = ProcessEnvironment.Inherited() }
            : new ProcessSpec("/bin/sh", shell) { Environment = ProcessEnvironment.Inherited() };
        try
        {
            await Tool.RunAsync(spec, cancellationToken, line => Output(logger, line));
        }
        catch (DistributedApplicationException exception)
        {
            throw new DistributedApplicationException(
                $"Installing {string.Join(' ', decision.Packages)} failed. Install them by hand and start again. {exception.Message}", exception);
        }

        Installed(logger);
    }

    [LoggerMessage(1, LogLevel.Information,
        "{Servers} not found on this machine, and there is no container engine to run it in. Installing: {Sudo}apt-get install --no-install-recommends {Packages} (the system's own services are not started)")]
    private static partial void Installing(ILogger logger, string servers, string sudo, string packages);

    [LoggerMessage(2, LogLevel.Debug, "{Line}")]
    private static partial void Output(ILogger logger, string line);

    [LoggerMessage(3, LogLevel.Information, "Installed.")]
    private static partial void Installed(ILogger logger);
}
