using Floodgate.Bench.CacheNode.Messages;
using Floodgate.Bench.CacheNode.Reading;
using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.CacheNode.Load;

/// <summary>Readers who each read one item after the other.</summary>
internal sealed class ReadingLoad(IReadMode mode, LoadRequest request, KnownWrite known, TimeProvider time)
{
    // A reader whose reads all end at once would keep a thread to itself.
    private const int ReadsInTurn = 64;

    private readonly FreshItems _fresh = new(request.FirstFresh, request.FreshStep, request.LastFresh);
    private readonly LatencyHistogram _latency = new();
    private long _failed;
    private long _stale;
    private long _withoutRedis;
    private string? _error;

    /// <summary>Runs it.</summary>
    public async Task<LoadAnswer> RunAsync(CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var began = time.GetTimestamp();
        over.CancelAfter(TimeSpan.FromSeconds(request.Seconds));
        await Task.WhenAll(Enumerable.Range(0, request.Readers).Select(reader => Task.Run(() => ReadAsync(reader, over.Token), CancellationToken.None)));
        var took = time.GetElapsedTime(began);
        return new LoadAnswer(
            _latency.Count, _failed, _error, _stale, _withoutRedis, _fresh.RanOut, took.TotalSeconds, _latency.Buckets, _latency.Max.TotalMicroseconds, _fresh.Unread);
    }

    private async Task ReadAsync(int reader, CancellationToken over)
    {
        var random = new Random(unchecked((request.Seed * 397) + reader));
        var order = new ZipfOrder(request.Keys, random);
        var latency = new LatencyHistogram();
        for (var reads = 0; !over.IsCancellationRequested; reads++)
        {
            if (reads % ReadsInTurn == ReadsInTurn - 1) await Task.Yield();
            var id = random.NextDouble() < request.MissShare ? _fresh.Take() : order.Next();
            await ReadOneAsync(id, latency);
        }

        lock (_latency)
        {
            _latency.Add(latency);
        }
    }

    private async ValueTask ReadOneAsync(long id, LatencyHistogram latency)
    {
        var told = known.Last;
        var began = time.GetTimestamp();
        try
        {
            var (item, source) = await mode.ReadAsync(id, new Wish(request.Brief, TimeSpan.Zero, told.Position), CancellationToken.None);
            latency.Record(time.GetElapsedTime(began));
            if (source == LeaseReads.WithoutRedis) Interlocked.Increment(ref _withoutRedis);
            if (item is null) Fail($"There is no item {id}.");
            else if (told.IsLackedBy(item)) Interlocked.Increment(ref _stale);
        }
        catch (Exception exception)
        {
            Fail(exception.Message);
        }
    }

    private void Fail(string why)
    {
        Interlocked.Increment(ref _failed);
        Interlocked.CompareExchange(ref _error, why, null);
    }
}
