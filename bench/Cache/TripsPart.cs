using Floodgate.Bench.CacheNode.Messages;

namespace Floodgate.Bench.Cache;

/// <summary>
/// Counts what calls ask of Redis: the commands, by the client and by the server; and the round trips, by the time that a call takes longer where
/// everything sent to Redis arrives later.
/// </summary>
internal sealed class TripsPart(CacheSystem system, ItemRange items)
{
    private const int NearCalls = 300;
    private const int FarCalls = 15;
    private const int AtOnce = 20;

    /// <summary>Counts, for each kind of call.</summary>
    public async Task<IReadOnlyList<TripFigures>> RunAsync(CancellationToken cancellation)
    {
        await system.Redis.ClearAsync();
        var all = new List<TripFigures>();
        var distance = 0.0;
        foreach (var call in CallName.All)
        {
            await RunAsync(system.Fleet.Nodes[0], call, FarCalls, cancellation);
            var (near, run) = await RunAsync(system.Fleet.Nodes[0], call, NearCalls, cancellation);
            await RunAsync(system.Far, call, 3, cancellation);
            var (far, _) = await RunAsync(system.Far, call, FarCalls, cancellation);
            var later = far.MedianMilliseconds - near.MedianMilliseconds;
            if (call == CallName.Ping) distance = later;
            else all.Add(new TripFigures(call, Math.Max(0, later / distance), near.Commands / (double)NearCalls, run, TimeSpan.FromMilliseconds(near.MedianMilliseconds)));
        }

        return all;
    }

    private async Task<(TripsAnswer Answer, IReadOnlyDictionary<string, double> Run)> RunAsync(NodeClient node, string call, int calls, CancellationToken cancellation)
    {
        var request = Request(call, calls);
        await node.PrepareAsync(request, cancellation);
        var before = await system.Redis.CommandsAsync();
        var answer = await node.TripsAsync(request, cancellation);
        var after = await system.Redis.CommandsAsync();
        return (answer, after.ToDictionary(pair => pair.Key, pair => (pair.Value - before.GetValueOrDefault(pair.Key)) / (double)calls, StringComparer.Ordinal));
    }

    private TripsRequest Request(string call, int calls) => new(call, calls, items.Take(call switch
    {
        CallName.Bulk or CallName.BulkMiss => calls * AtOnce,
        CallName.InProcess => 1,
        _ => calls + AtOnce,
    }));
}

/// <summary>What a call asks of Redis.</summary>
/// <param name="Call">Its kind.</param>
/// <param name="RoundTrips">How often it goes there and back, one after the other.</param>
/// <param name="Sent">How many commands the client sent for it; those that watch in the background are in it.</param>
/// <param name="Run">How often each command ran for it, in scripts too.</param>
/// <param name="Median">How long half of the calls took at most.</param>
internal sealed record TripFigures(string Call, double RoundTrips, double Sent, IReadOnlyDictionary<string, double> Run, TimeSpan Median);
