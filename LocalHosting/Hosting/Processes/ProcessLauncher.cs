using System.Collections.Concurrent;
using System.Diagnostics;

namespace Aspire.Hosting.Processes;

/// <summary>
/// Starts processes that end when this one does, however it ends: each asks the kernel for a signal at the death of its parent
/// (PR_SET_PDEATHSIG). The kernel means the thread that forked, so all are forked by one thread that never ends.
/// Each has a session of its own, so that Ctrl+C reaches this process alone, which then stops the others in order.
/// </summary>
internal static class ProcessLauncher
{
    private const int MaxWaitingStarts = 256;

    private static readonly BlockingCollection<Action> Starts = new(MaxWaitingStarts);
    private static readonly string SetSid = Programs.Require("setsid", "util-linux");
    private static readonly string SetPriv = Programs.Require("setpriv", "util-linux");

    static ProcessLauncher() =>
        new Thread(() =>
        {
            foreach (var start in Starts.GetConsumingEnumerable())
                start();
        })
        {
            IsBackground = true,
            Name = "process launcher",
        }.Start();

    /// <summary>Starts a process.</summary>
    /// <param name="spec">What to start.</param>
    /// <param name="onLine">Gets each line it writes, and whether it was to the error output.</param>
    public static async Task<RunningProcess> StartAsync(ProcessSpec spec, Action<string, bool> onLine)
    {
        var started = new TaskCompletionSource<RunningProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        Starts.Add(() =>
        {
            try
            {
                started.SetResult(new RunningProcess(Process.Start(Describe(spec))!, spec, onLine));
            }
#pragma warning disable CA1031 // It is the waiting caller's exception.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                started.SetException(exception);
            }
        });
        return await started.Task;
    }

    private static ProcessStartInfo Describe(ProcessSpec spec)
    {
        var info = new ProcessStartInfo(SetSid)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = spec.WorkingDirectory ?? "/",
        };
        info.ArgumentList.Add(SetPriv);
        if (spec.User is { } user)
        {
            info.ArgumentList.Add($"--reuid={user}");
            info.ArgumentList.Add($"--regid={user}");
            info.ArgumentList.Add("--init-groups");
        }

        info.ArgumentList.Add("--pdeathsig");
        info.ArgumentList.Add(spec.StopSignal switch
        {
            Signal.Interrupt => "INT",
            Signal.Quit => "QUIT",
            Signal.Kill => "KILL",
            _ => "TERM",
        });
        info.ArgumentList.Add(spec.FileName);
        foreach (var argument in spec.Arguments)
            info.ArgumentList.Add(argument);

        info.Environment.Clear();
        foreach (var (name, value) in spec.Environment)
            info.Environment[name] = value;
        return info;
    }
}
