using System.Reflection;

namespace Aspire.Hosting;

/// <summary>What the build of an AppHost wrote into its assembly (LocalHosting/AppHost.targets).</summary>
internal static class AppHostProject
{
    private const string DirectoryKey = "apphostprojectpath";

    public static string? DirectoryOf(Assembly? assembly) =>
        assembly?.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == DirectoryKey)?.Value;
}
