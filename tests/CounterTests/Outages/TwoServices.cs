using Floodgate.CounterTests.Running;

namespace Floodgate.CounterTests.Outages;

/// <summary>A CounterService and a FlushWorker with the settings they ship with.</summary>
internal sealed class TwoServices(ServiceProcess counter, ServiceProcess flush) : IAsyncDisposable
{
    private static readonly (string, string) FlushInterval = ("Floodgate__Counters__FlushInterval", "00:00:01");

    public HttpClient Http => counter.Http;

    public static async Task<TwoServices> StartAsync(Servers servers) => new(
        await ServiceProcess.StartCounterAsync(servers, FlushInterval), await ServiceProcess.StartFlushAsync(servers, FlushInterval));

    public async ValueTask DisposeAsync()
    {
        await counter.DisposeAsync();
        await flush.DisposeAsync();
    }
}
