using Floodgate.Bench.CacheNode.Items;
using Floodgate.Bench.CacheNode.Messages;
using Floodgate.Bench.CacheNode.Reading;
using Floodgate.Leases;
using StackExchange.Redis;

namespace Floodgate.Bench.CacheNode.Trips;

/// <summary>Makes calls of one kind, one after the other, to count what they ask of Redis.</summary>
internal sealed class CountedCalls(LeaseReads reads, IConnectionMultiplexer redis, TimeProvider time)
{
    private const int AtOnce = 20;

    // So many readers make a key hot over any connection.
    private const int Heating = 64;

    /// <summary>Makes them.</summary>
    public async Task<TripsAnswer> RunAsync(TripsRequest request, CancellationToken cancellationToken)
    {
        var milliseconds = new double[request.Calls];
        var before = redis.GetCounters().Interactive.OperationCount;
        for (var i = 0; i < milliseconds.Length; i++)
        {
            var began = time.GetTimestamp();
            await CallAsync(request, i, cancellationToken);
            milliseconds[i] = time.GetElapsedTime(began).TotalMilliseconds;
        }

        var commands = redis.GetCounters().Interactive.OperationCount - before;
        Array.Sort(milliseconds);
        return new TripsAnswer(commands, milliseconds[milliseconds.Length / 2]);
    }

    /// <summary>Makes what the calls need. Each call reads other keys: one that is read again and again would become hot.</summary>
    public async Task PrepareAsync(TripsRequest request, CancellationToken cancellationToken)
    {
        if (request.Call == CallName.InProcess) await HeatAsync(request.First, cancellationToken);
        var keys = request.Call switch { CallName.Hit => request.Calls, CallName.Bulk => request.Calls * AtOnce, _ => 0 };
        for (var i = 0; i < keys; i += AtOnce) await ReadManyAsync(request.First + i, cancellationToken);
    }

    private async Task CallAsync(TripsRequest request, int i, CancellationToken cancellationToken)
    {
        switch (request.Call)
        {
            case CallName.Bulk or CallName.BulkMiss:
                await ReadManyAsync(request.First + ((long)i * AtOnce), cancellationToken);
                break;
            case CallName.Ping:
                await redis.GetDatabase().PingAsync();
                break;
            case CallName.InProcess:
                await ReadAsync(request.First, cancellationToken);
                break;
            default:
                await ReadAsync(request.First + i, cancellationToken);
                break;
        }
    }

    private async Task<string> ReadAsync(long id, CancellationToken cancellationToken) =>
        (await reads.ReadAsync(id, Any, cancellationToken)).Source;

    private async Task<Cached<Item>[]> ReadManyAsync(long first, CancellationToken cancellationToken) =>
        await reads.ReadManyAsync([.. Enumerable.Range(0, AtOnce).Select(i => first + i)], Any, cancellationToken);

    private async Task HeatAsync(long id, CancellationToken cancellationToken)
    {
        while ((await Task.WhenAll(Enumerable.Range(0, Heating).Select(_ => ReadAsync(id, cancellationToken)))).Any(source => source != "in-process"))
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static Wish Any => new(false, TimeSpan.Zero, default);
}
