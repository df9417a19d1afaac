namespace Aspire.Hosting.Processes;

/// <summary>Finds programs of the machine.</summary>
internal static class Programs
{
    // The folders of the system's own programs, which an ordinary user's PATH may lack.
    private static readonly string[] SystemFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    public static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(SystemFolders)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(Exists);

    /// <summary>Whether there is a file, at the end of links too.</summary>
    public static bool Exists(string path) => File.Exists(path) && (File.ResolveLinkTarget(path, returnFinalTarget: true)?.Exists ?? true);

    public static string Require(string name, string package) =>
        Find(name) ?? throw new DistributedApplicationException($"The program '{name}' is not there. On Debian and Ubuntu it is in the package {package}.");
}
