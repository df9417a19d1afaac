using Floodgate.Bench.CacheNode.Messages;

namespace Floodgate.Bench.Cache;

/// <summary>The reading processes together.</summary>
internal sealed class Fleet(IReadOnlyList<NodeClient> nodes, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>Each of them.</summary>
    public IReadOnlyList<NodeClient> Nodes => nodes;

    /// <summary>Asks all at once.</summary>
    public Task<T[]> AllAsync<T>(Func<NodeClient, Task<T>> ask) => Task.WhenAll(nodes.Select(ask));

    /// <summary>Tells all at once.</summary>
    public Task AllAsync(Func<NodeClient, Task> tell) => Task.WhenAll(nodes.Select(tell));

    /// <summary>The queries so far, of all.</summary>
    public async Task<OriginFigures> OriginAsync(CancellationToken cancellation)
    {
        var each = await AllAsync(node => node.OriginAsync(cancellation));
        return new OriginFigures(each.Sum(one => one.Begun), each.Sum(one => one.Ended), each.Sum(one => one.Keys));
    }

    /// <summary>Has callers in all processes read one item at once.</summary>
    public async Task<WaveFigures> WaveAsync(WaveRequest all, CancellationToken cancellation)
    {
        var before = await OriginAsync(cancellation);
        await Task.WhenAll(nodes.Select((node, i) => node.ReadyAsync(all with { Callers = ShareOf(i, all.Callers) }, cancellation)));
        var answers = await AllAsync(node => node.GoAsync(cancellation));
        return new WaveFigures(all, answers, await QueriesSinceAsync(before, cancellation));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var node in nodes) node.Dispose();
    }

    private int ShareOf(int node, int callers) => (callers / nodes.Count) + (node < callers % nodes.Count ? 1 : 0);

    // Those that somebody began in the background too.
    private async Task<long> QueriesSinceAsync(OriginFigures before, CancellationToken cancellation)
    {
        while (true)
        {
            await Task.Delay(Look, time, cancellation);
            var now = await OriginAsync(cancellation);
            if (now.Ended == now.Begun) return now.Begun - before.Begun;
        }
    }
}
