using System.Runtime.InteropServices;

namespace Aspire.Hosting.Processes;

/// <summary>What .NET has no call for.</summary>
internal static partial class NativeProcess
{
    public static void Send(int pid, Signal signal) => _ = Kill(pid, (int)signal);

    public static int ParentOfThisProcess() => GetParentProcessId();

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "getppid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetParentProcessId();
}
