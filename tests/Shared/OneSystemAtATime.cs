using Floodgate.Tests;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestPipelineStartup(typeof(OneSystemAtATime))]

namespace Floodgate.Tests;

/// <summary>
/// Lets one test project at a time run servers. <c>dotnet test</c> runs projects side by side; on two cores two whole
/// systems at once would make each other's time limits meaningless. The lock goes with the process that holds it.
/// </summary>
public sealed class OneSystemAtATime : ITestPipelineStartup, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private FileStream? _turn;

    public async ValueTask StartAsync(IMessageSink diagnosticMessageSink)
    {
        using var timer = new PeriodicTimer(Interval);
        while (!TryTake())
        {
            await timer.WaitForNextTickAsync();
        }
    }

    public ValueTask StopAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public void Dispose() => _turn?.Dispose();

    private bool TryTake()
    {
        try
        {
            _turn = new FileStream(Path.Combine(Path.GetTempPath(), $"floodgate-tests-{Environment.UserName}.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
