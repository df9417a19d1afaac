using Floodgate.Bench.CacheNode.Messages;
using Floodgate.LeaseTests.Running;

namespace Floodgate.LeaseTests.Processes;

/// <summary>Four processes that read through the cache, on a database of their own.</summary>
internal sealed class ReaderFleet : IAsyncDisposable
{
    private const int Processes = 4;
    private const int Items = 100;

    private readonly ReaderProcess[] _all;
    private long _lastItem;

    private ReaderFleet(ReaderProcess[] all) => _all = all;

    public static async Task<ReaderFleet> StartAsync(Servers servers, params (string Name, string Value)[] settings)
    {
        var database = $"readers_{servers.NewKey()}";
        await servers.ExecuteAsync("floodgate", $"CREATE DATABASE {database}");
        var fleet = new ReaderFleet([.. Enumerable.Range(0, Processes).Select(_ => ReaderProcess.Start(servers, database, settings))]);
        try
        {
            await Task.WhenAll(fleet._all.Select(process => process.HealthyAsync()));
            await fleet._all[0].MakeItemsAsync(Items);
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    /// <summary>An item that nobody has read.</summary>
    public long NewItem() => ++_lastItem;

    /// <summary>Reads an item in one of them.</summary>
    public Task<ReadItem> ReadAsync(long id, bool brief) => _all[0].ReadAsync(id, brief);

    /// <summary>Has callers in all of them read one item at once, and waits until the last has an answer.</summary>
    public async Task<WaveAnswer[]> WaveAsync(WaveRequest wave)
    {
        await Task.WhenAll(_all.Select(process => process.ReadyAsync(wave with { Callers = wave.Callers / Processes })));
        return await Task.WhenAll(_all.Select(process => process.GoAsync()));
    }

    /// <summary>Closes or opens the way to PostgreSQL in all of them.</summary>
    public Task SetGateAsync(bool closed) => Task.WhenAll(_all.Select(process => process.SetGateAsync(closed)));

    /// <summary>The queries of all of them so far.</summary>
    public async Task<OriginFigures> OriginAsync()
    {
        var each = await Task.WhenAll(_all.Select(process => process.OriginAsync()));
        return new OriginFigures(each.Sum(one => one.Begun), each.Sum(one => one.Ended), each.Sum(one => one.Keys));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _all)
            await process.DisposeAsync();
    }
}
