using System.Globalization;
using Aspire.Hosting.Processes;

namespace Aspire.Hosting.Servers.Postgres;

/// <summary>Files of a PostgreSQL server.</summary>
internal static class PostgresFiles
{
    private const int SystemIdentifierBytes = 8;

    /// <summary>Makes the server's folder the server's own, where it runs as another user.</summary>
    /// <exception cref="DistributedApplicationException">That user cannot get to the folder.</exception>
    public static async Task GiveToServerAsync(string path, CancellationToken cancellationToken)
    {
        if (PostgresInstallation.User is not { } user)
            return;
        CheckReachable(path, user);
        await Tool.RunAsync(
            new ProcessSpec(Programs.Require("chown", "coreutils"), [$"{user}:{user}", path]) { Environment = ProcessEnvironment.Minimal("/") },
            cancellationToken);
    }

    /// <summary>Writes a file that only the server's user reads.</summary>
    public static async Task WritePrivateAsync(string path, string text, CancellationToken cancellationToken)
    {
        await PrivateFile.WriteAsync(path, text, cancellationToken);
        await GiveToServerAsync(path, cancellationToken);
    }

    public static void Delete(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    /// <exception cref="DistributedApplicationException">The cluster was made by another major version.</exception>
    public static void CheckVersion(string cluster, PostgresInstallation installation)
    {
        var made = File.ReadAllText(Path.Combine(cluster, "PG_VERSION")).Trim();
        var folder = Path.GetFileName(Path.GetDirectoryName(installation.Folder))!;
        if (int.TryParse(folder, NumberStyles.None, CultureInfo.InvariantCulture, out _) && folder != made)
        {
            throw new DistributedApplicationException(
                $"The data in '{cluster}' was made by PostgreSQL {made}, and PostgreSQL {folder} is installed. Delete the folder to begin with new data, or upgrade it with pg_upgrade.");
        }
    }

    /// <summary>Removes the lock of a server that was killed, if another program has its process id now.</summary>
    public static void RemoveStaleLock(string cluster)
    {
        var file = Path.Combine(cluster, "postmaster.pid");
        if (!File.Exists(file))
            return;
        var pid = File.ReadLines(file).FirstOrDefault()?.Trim();
        var command = $"/proc/{pid}/comm";
        var holdsIt = !string.IsNullOrEmpty(pid) && File.Exists(command) && File.ReadAllText(command).StartsWith("postgres", StringComparison.Ordinal);
        if (!holdsIt)
            File.Delete(file);
    }

    /// <summary>The number that a cluster and its replicas share and no other has; null if there is no cluster.</summary>
    public static ulong? SystemIdentifier(string cluster)
    {
        var file = Path.Combine(cluster, "global", "pg_control");
        if (!File.Exists(file))
            return null;
        using var stream = File.OpenRead(file);
        Span<byte> bytes = stackalloc byte[SystemIdentifierBytes];
        stream.ReadExactly(bytes);
        return BitConverter.ToUInt64(bytes);
    }

    private static void CheckReachable(string path, string user)
    {
        for (var folder = Directory.GetParent(path); folder is not null; folder = folder.Parent)
        {
            if (folder.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
                continue;
            throw new DistributedApplicationException(
                $"PostgreSQL does not run as root, and the user {user}, as which it runs instead, cannot enter '{folder.FullName}'. "
                + "Set XDG_DATA_HOME to a folder that it can enter, or run as another user.");
        }
    }
}
