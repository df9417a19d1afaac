using Floodgate.CounterTests.Running;

namespace Floodgate.CounterTests.Calling;

/// <summary>One CounterService and one FlushWorker for all tests of a class.</summary>
public sealed class Services(Servers servers) : IAsyncLifetime
{
    private ServiceProcess? _counter;
    private ServiceProcess? _flush;

    internal HttpClient Http => _counter!.Http;

    internal ServiceProcess Flush => _flush!;

    public async ValueTask InitializeAsync()
    {
        _counter = await ServiceProcess.StartCounterAsync(servers);
        _flush = await ServiceProcess.StartFlushAsync(servers);
    }

    public async ValueTask DisposeAsync()
    {
        await _counter!.DisposeAsync();
        await _flush!.DisposeAsync();
    }
}
