using System.Collections;

namespace Aspire.Hosting.Processes;

/// <summary>What processes get of this process's environment.</summary>
internal static class ProcessEnvironment
{
    // What belongs to the AppHost itself, or to the tool that started it.
    private static readonly string[] OwnPrefixes = ["ASPNETCORE_", "DOTNET_LAUNCH_PROFILE", "DOTNET_ENVIRONMENT", "ASPIRE_", "OTEL_", "MSBUILD", "VSTEST_", "TESTINGPLATFORM_", "XUNIT_", "Parameters__", "LocalHosting__"];

    /// <summary>For servers: what says where programs, temporary files and the clock's zone are. Nothing of theirs that the user set applies.</summary>
    public static Dictionary<string, string> Minimal(string home) => new(StringComparer.Ordinal)
    {
        ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ["HOME"] = home,
        ["LANG"] = "C.UTF-8",
        ["LC_ALL"] = "C.UTF-8",
        ["TZ"] = Environment.GetEnvironmentVariable("TZ") ?? "UTC",
    };

    /// <summary>For projects and executables: everything but what is the AppHost's own.</summary>
    public static Dictionary<string, string> Inherited()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            if (!OwnPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
                environment[name] = (string?)variable.Value ?? "";
        }

        return environment;
    }
}
