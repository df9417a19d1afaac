using System.Diagnostics;
using System.Threading.Channels;
using Aspire.Hosting.Processes;
using Aspire.Hosting.Projects;

namespace Floodgate.HostingTests;

/// <summary>The small application in a process of its own, as a user starts it.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly Task _reading;

    private HostProcess(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    public int Pid => _process.Id;

    public List<string> Output { get; } = [];

    public static HostProcess Start(string dataHome, params string[] arguments)
    {
        // What a shell starts in the background ignores SIGINT, and so does all that it starts in turn.
        var info = new ProcessStartInfo("env")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        info.ArgumentList.Add("--default-signal=INT");
        info.ArgumentList.Add(DotnetHost.Path);
        info.ArgumentList.Add("exec");
        info.ArgumentList.Add(typeof(Projects.HostingTests_AppHost).Assembly.Location);
        foreach (var argument in arguments)
            info.ArgumentList.Add(argument);
        info.Environment["XDG_DATA_HOME"] = dataHome;
        return new HostProcess(Process.Start(info)!);
    }

    /// <summary>Waits until a line holds a text.</summary>
    public async Task AwaitLineAsync(string text, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var line in _lines.Reader.ReadAllAsync(cancellationToken))
            {
                if (line.Contains(text, StringComparison.Ordinal))
                    return;
            }
        }
        catch (OperationCanceledException)
        {
            // Told below, with what was written.
        }

        lock (Output)
            Assert.Fail($"The application did not write '{text}' but:\n{string.Join('\n', Output)}");
    }

    public void Send(Signal signal) => NativeProcess.Send(Pid, signal);

    public async Task<int> AwaitExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (Output)
                Output.Add(line);
            _lines.Writer.TryWrite(line);
        }
    }
}
