using Aspire.Hosting.Processes;

namespace Aspire.Hosting.Projects;

/// <summary>Finds the <c>dotnet</c> that runs projects: the one that runs this process, if one does.</summary>
internal static class DotnetHost
{
    public static string Path { get; } = Find();

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path && File.Exists(path))
            return path;
        if (Environment.ProcessPath is { } own && System.IO.Path.GetFileNameWithoutExtension(own) == "dotnet")
            return own;

        // …/dotnet/shared/Microsoft.NETCore.App/10.0.0/ is where the runtime of this process is.
        var root = System.IO.Path.GetFullPath(System.IO.Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        var beside = System.IO.Path.Combine(root, "dotnet");
        return File.Exists(beside) ? beside : Programs.Require("dotnet", "dotnet-sdk-10.0");
    }
}
