using System.Diagnostics;

namespace Aspire.Hosting.Processes;

/// <summary>A process that was started.</summary>
internal sealed class RunningProcess : IDisposable
{
    private static readonly TimeSpan KillTimeout = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly ProcessSpec _spec;

    public RunningProcess(Process process, ProcessSpec spec, Action<string, bool> onLine)
    {
        _process = process;
        _spec = spec;
        Pid = process.Id;
        process.StandardInput.Close();
        Output = Task.WhenAll(ReadAsync(process.StandardOutput, isError: false, onLine), ReadAsync(process.StandardError, isError: true, onLine));
        Exited = WaitAsync();
    }

    public int Pid { get; }

    /// <summary>Ends with the exit code: 128 and more for a signal.</summary>
    public Task<int> Exited { get; }

    /// <summary>Ends when the last process that shares the outputs has ended.</summary>
    public Task Output { get; }

    /// <summary>Asks the process to end, and kills it and all its children if it does not in time.</summary>
    public async Task StopAsync()
    {
        if (!Exited.IsCompleted)
            NativeProcess.Send(Pid, _spec.StopSignal);
        if (await EndsWithinAsync(_spec.StopTimeout))
            return;
        Kill();
        await EndsWithinAsync(KillTimeout);
    }

    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
        catch (AggregateException)
        {
            // A child ended meanwhile.
        }
    }

    public void Dispose() => _process.Dispose();

    private static async Task ReadAsync(StreamReader reader, bool isError, Action<string, bool> onLine)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } line)
                onLine(line, isError);
        }
        catch (IOException)
        {
            // The pipe broke with the process.
        }
        catch (ObjectDisposedException)
        {
        }
    }

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    private async Task<bool> EndsWithinAsync(TimeSpan timeout)
    {
        try
        {
            await Exited.WaitAsync(timeout);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
