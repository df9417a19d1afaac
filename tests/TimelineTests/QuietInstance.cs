namespace Floodgate.TimelineTests;

/// <summary>An instance that neither relays nor consumes, does not wait for a CounterService that is not there, and waits for every rebuild, for the tests of one class.</summary>
public sealed class QuietInstance(Servers servers) : IAsyncLifetime
{
    private TimelineInstance? _instance;

    internal TimelineInstance Instance => _instance ?? throw new InvalidOperationException("It is not started yet.");

    public async ValueTask InitializeAsync() => _instance = await TimelineInstance.StartAsync(
        servers, works: false, ("Floodgate:Timelines:LikesTimeout", "00:00:00.010"), ("Floodgate:Timelines:RebuildPatience", "00:00:10"));

    public async ValueTask DisposeAsync()
    {
        if (_instance is not null)
        {
            await _instance.DisposeAsync();
        }
    }
}
