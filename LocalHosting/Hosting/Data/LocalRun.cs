using System.Security.Cryptography;
using System.Text;

namespace Aspire.Hosting.Data;

/// <summary>How this run of the application is to be: what the command line, the configuration and a test say.</summary>
internal sealed class LocalRun
{
    public required string AppHostName { get; init; }

    public required string AppHostDirectory { get; init; }

    /// <summary>Whether all data is thrown away at the end.</summary>
    public required bool Ephemeral { get; init; }

    /// <summary>Whether the table and the log lines go to the console.</summary>
    public required bool ShowConsole { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ParameterStore Parameters => field ??= new ParameterStore(Ephemeral ? null : Path.Combine(KeptFolder, "parameters.json"));

    /// <summary>Where the data of kept runs is: one folder for each AppHost project of each user.</summary>
    public string KeptFolder => Path.Combine(DataRoot(), FolderName());

    public static LocalRun Of(IDistributedApplicationBuilder builder) =>
        builder.Services.Select(service => service.ImplementationInstance).OfType<LocalRun>().Single();

    /// <summary>
    /// The user's data folder. Root's home is closed to the user postgres, as which the servers of root run,
    /// so root's data is under /var/lib.
    /// </summary>
    private static string DataRoot()
    {
        if (Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } xdg)
            return Path.Combine(xdg, "floodgate");
        return Environment.IsPrivilegedProcess
            ? "/var/lib/floodgate"
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share", "floodgate");
    }

    private string FolderName()
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(AppHostDirectory));
        return $"{AppHostName}-{Convert.ToHexStringLower(hash.AsSpan(0, 4))}";
    }
}
