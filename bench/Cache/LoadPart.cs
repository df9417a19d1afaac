using Floodgate.Bench.CacheNode.Messages;
using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.Cache;

/// <summary>Has readers in all processes read, in each mode alike: what is kept is forgotten before, and kept anew by all.</summary>
internal sealed class LoadPart(CacheOptions options, CacheSystem system, ItemRange items, ProcessorTimes processor, TimeProvider time)
{
    /// <summary>How many keys the hot set has.</summary>
    public const int HotKeys = 100;

    private static readonly TimeSpan Compiling = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan WriteInterval = TimeSpan.FromSeconds(1);

    // What is served from the processes' memory is gone by then.
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(300);

    private int _writer;

    /// <summary>Reads at a hit ratio.</summary>
    public Task<LoadFigures> AtRatioAsync(string mode, double hits, CancellationToken cancellation) =>
        RunAsync(PartName.Ratios, mode, hits, items.Keys, brief: false, cancellation);

    /// <summary>Reads of a hot set that expires every second.</summary>
    public Task<LoadFigures> ExpiringAsync(string mode, CancellationToken cancellation) =>
        RunAsync(PartName.Expiring, mode, hits: 1, HotKeys, brief: true, cancellation);

    /// <summary>Reads of a hot set that is written every second, each time by another process.</summary>
    public Task<LoadFigures> WrittenAsync(string mode, CancellationToken cancellation) =>
        RunAsync(PartName.Written, mode, hits: 1, HotKeys, brief: false, cancellation);

    /// <summary>Reads in each mode, so that the runtime has compiled what it runs; and once more, as it compiles hot code anew.</summary>
    public async Task WarmUpAsync(CancellationToken cancellation)
    {
        foreach (var hits in (double[])[0, 0.5])
        {
            foreach (var mode in ModeName.All)
            {
                await PrepareAsync(mode, items.Keys, brief: false, cancellation);
                await LoadAsync(Request(mode, hits, items.Keys, brief: false, Compiling), cancellation);
            }
        }
    }

    private async Task<LoadFigures> RunAsync(string part, string mode, double hits, int keys, bool brief, CancellationToken cancellation)
    {
        await PrepareAsync(mode, keys, brief, cancellation);
        var request = Request(mode, hits, keys, brief, options.PhaseLength);
        var warm = await LoadAsync(request with { Seconds = WarmUp.TotalSeconds, Seed = request.Seed + 1 }, cancellation);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var before = await system.Fleet.OriginAsync(cancellation);
        var used = processor.Take();
        var writes = part == PartName.Written ? WriteAsync(mode, keys, brief, over.Token) : Task.FromResult<IReadOnlyList<double>>([]);
        var answers = await LoadAsync(request, cancellation, warm);
        used = processor.Take().Since(used);
        await over.CancelAsync();
        var after = await system.Fleet.OriginAsync(cancellation);
        var figures = new LoadFigures(
            part, mode, hits, answers, new OriginFigures(after.Begun - before.Begun, after.Ended - before.Ended, after.Keys - before.Keys))
        { Used = used };
        foreach (var write in await writes) figures.Writes.Add(write);
        return figures;
    }

    private async Task PrepareAsync(string mode, int keys, bool brief, CancellationToken cancellation)
    {
        await system.Fleet.AllAsync(node => node.TellAsync(new ToldWrite(0, new Sessions.WalPosition().ToString(), 0), cancellation));
        await Task.Delay(Settle, time, cancellation);
        await system.Redis.ClearAsync();
        await system.Fleet.AllAsync(node => node.WarmAsync(new WarmRequest(mode, brief, keys), cancellation));
    }

    private LoadRequest Request(string mode, double hits, int keys, bool brief, TimeSpan length) => new(
        mode, brief, 1 - hits, keys, items.FirstFresh, CacheOptions.Processes, items.LastFresh, length.TotalSeconds, options.Readers, options.Seed);

    private Task<LoadAnswer[]> LoadAsync(LoadRequest request, CancellationToken cancellation, LoadAnswer[]? before = null) =>
        Task.WhenAll(system.Fleet.Nodes.Select((node, i) => node.LoadAsync(
            request with { FirstFresh = before?[i].NextFresh ?? request.FirstFresh + i, Seed = unchecked((request.Seed * 31) + i) }, cancellation)));

    // Every reader learns of a write once it is acknowledged, as somebody does who has seen the answer, or was sent there by somebody who has.
    private async Task<IReadOnlyList<double>> WriteAsync(string mode, int keys, bool brief, CancellationToken over)
    {
        var took = new List<double>();
        using var timer = new PeriodicTimer(WriteInterval / 2, time);
        try
        {
            for (var tick = 0; await timer.WaitForNextTickAsync(over); tick++)
            {
                if (tick % 2 != 0) continue;
                var writer = system.Fleet.Nodes[_writer++ % CacheOptions.Processes];
                var write = await writer.WriteAsync(new WriteRequest(mode, brief, keys), over);
                took.Add(write.Milliseconds);
                await system.Fleet.AllAsync(node => node.TellAsync(new ToldWrite(write.Version, write.Position, keys), over));
            }
        }
        catch (OperationCanceledException)
        {
            // The readers have ended.
        }

        return took;
    }
}
