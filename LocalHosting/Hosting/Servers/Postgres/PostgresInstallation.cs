using System.Globalization;
using Aspire.Hosting.Processes;

namespace Aspire.Hosting.Servers.Postgres;

/// <summary>Finds PostgreSQL's programs. Debian keeps them out of PATH, a folder for each major version.</summary>
internal sealed record PostgresInstallation(string Folder)
{
    private const string DebianRoot = "/usr/lib/postgresql";

    private static readonly string[] Needed = ["postgres", "initdb", "pg_basebackup"];

    /// <summary>The user PostgreSQL runs as: it refuses to run as root.</summary>
    public static string? User => Environment.IsPrivilegedProcess ? "postgres" : null;

    public string Program(string name) => Path.Combine(Folder, name);

    public static PostgresInstallation? Find() => Find(DebianRoot);

    internal static PostgresInstallation? Find(string debianRoot)
    {
        var debian = Directory.Exists(debianRoot)
            ? Directory.GetDirectories(debianRoot)
                .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0)
                .Select(folder => Path.Combine(folder, "bin"))
            : [];
        var inPath = Programs.Find("initdb") is { } initdb ? Path.GetDirectoryName(Path.GetFullPath(initdb)) : null;
        var found = debian.Append(inPath).FirstOrDefault(IsComplete);
        return found is null ? null : new(found);
    }

    private static bool IsComplete(string? folder) =>
        folder is not null && Needed.All(program => File.Exists(Path.Combine(folder, program)));
}
