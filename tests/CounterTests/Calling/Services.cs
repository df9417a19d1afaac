using System.Net;
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

        // Until it knows which run of Redis answers it omits the values.
        await Wait.UntilAsync(
            async () => (await Http.AddAsync(7, "test/start", 1).JsonAsync(HttpStatusCode.Accepted)).TryGetProperty("value", out _), "values are shown");
    }

    public async ValueTask DisposeAsync()
    {
        await _counter!.DisposeAsync();
        await _flush!.DisposeAsync();
    }
}
