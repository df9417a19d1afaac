using Floodgate.Bench.CacheNode.Messages;

namespace Floodgate.Bench.Cache;

/// <summary>Has many callers in all processes read one key at once.</summary>
internal sealed class WavePart(CacheOptions options, CacheSystem system, ItemRange items, TimeProvider time)
{
    private const int WarmUpWaves = 3;

    // What expires soon does so after 1 s, give or take a tenth.
    private static readonly TimeSpan PastSoftExpiry = TimeSpan.FromSeconds(1.2);

    /// <summary>On keys that nobody has.</summary>
    public async Task<WaveSeries> ColdAsync(string mode, CancellationToken cancellation)
    {
        await WarmUpAsync(mode, brief: false, cancellation);
        var waves = new List<WaveFigures>();

        // Without a cache each takes long, and one is like the other.
        for (var i = 0; i < (mode == ModeName.NoCache ? 1 : options.Waves); i++) waves.Add(await WaveAsync(mode, items.Take(), brief: false, cancellation));
        return new WaveSeries(mode, waves);
    }

    /// <summary>On keys that all have, and whose values are past their soft expiry.</summary>
    public async Task<WaveSeries> ExpiredAsync(string mode, CancellationToken cancellation)
    {
        await WarmUpAsync(mode, brief: true, cancellation);
        var waves = new List<WaveFigures>();
        for (var i = 0; i < options.Waves; i++)
        {
            var id = items.Take();
            await system.Fleet.AllAsync(node => node.ReadAsync(id, mode, brief: true, cancellation));
            await Task.Delay(PastSoftExpiry, time, cancellation);
            waves.Add(await WaveAsync(mode, id, brief: true, cancellation));
        }

        return new WaveSeries(mode, waves);
    }

    // Every process has made a query, and has the connections it takes; the runtime has compiled what it runs.
    private async Task WarmUpAsync(string mode, bool brief, CancellationToken cancellation)
    {
        foreach (var node in system.Fleet.Nodes)
        {
            for (var i = 0; i < WarmUpWaves; i++) await node.ReadAsync(items.Take(), mode, brief, cancellation);
        }

        if (mode == ModeName.NoCache) return;
        for (var i = 0; i < WarmUpWaves; i++) await WaveAsync(mode, items.Take(), brief, cancellation);
    }

    private Task<WaveFigures> WaveAsync(string mode, long id, bool brief, CancellationToken cancellation) =>
        system.Fleet.WaveAsync(new WaveRequest(mode, brief, id, options.Callers, options.Origin.TotalMilliseconds), cancellation);
}

/// <summary>Several waves in one mode.</summary>
/// <param name="Mode">The mode.</param>
/// <param name="Waves">The waves.</param>
internal sealed record WaveSeries(string Mode, IReadOnlyList<WaveFigures> Waves);
