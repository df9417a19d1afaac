using System.Collections.Concurrent;
using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.Consistency.Disturbing;

/// <summary>Carries a schedule of disturbances out, and leaves everything as it was.</summary>
/// <param name="cluster">The nodes.</param>
/// <param name="log">Takes a line for each event.</param>
/// <param name="time">The clock.</param>
internal sealed class Disturber(ICluster cluster, Action<string> log, TimeProvider time)
{
    private static readonly TimeSpan Comeback = TimeSpan.FromMinutes(2);

    private readonly NodeCommands _commands = new(cluster, time);
    private readonly Dictionary<string, int> _lastKilled = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<DisturbanceKind, int> _done = new();

    /// <summary>How often each kind was done.</summary>
    public IReadOnlyDictionary<DisturbanceKind, int> Done => _done;

    /// <summary>Takes each disturbance that is over; null where nobody looks.</summary>
    public Progress? Progress { get; init; }

    /// <summary>Does everything in the schedule; ends when all that was killed is back. Whatever fails, it puts the nodes right.</summary>
    public async Task RunAsync(IReadOnlyList<Disturbance> schedule, CancellationToken cancellation)
    {
        var comebacks = new List<Task>();
        try
        {
            foreach (var disturbance in schedule)
            {
                // This paces the disturbances; nothing waits for it to be true.
                await Task.Delay(disturbance.After, time, cancellation);
                await DisturbAsync(disturbance, comebacks, cancellation);
                _done.AddOrUpdate(disturbance.Kind, 1, static (_, count) => count + 1);
                Progress?.Add(1);
            }
        }
        finally
        {
            try
            {
                await Task.WhenAll(comebacks);
            }
            finally
            {
                await _commands.PutRightAsync(CancellationToken.None);
                log("all nodes are right again");
            }
        }
    }

    private async Task DisturbAsync(Disturbance disturbance, List<Task> comebacks, CancellationToken cancellation)
    {
        var replica = cluster.Replicas[disturbance.Replica];
        switch (disturbance.Kind)
        {
            case DisturbanceKind.PauseOne:
                await HoldAsync(disturbance, [replica], _commands.PauseAsync, _commands.ResumeAsync, cancellation);
                break;
            case DisturbanceKind.PauseAll:
                await HoldAsync(disturbance, cluster.Replicas, _commands.PauseAsync, _commands.ResumeAsync, cancellation);
                break;
            case DisturbanceKind.Slow:
                await HoldAsync(disturbance, [replica], _commands.SlowAsync, _commands.UnslowAsync, cancellation);
                break;
            default:
                var node = disturbance.Kind == DisturbanceKind.KillPrimary ? cluster.Primary : replica;
                await KillAsync(node, cancellation);
                comebacks.Add(BackAsync(node, _lastKilled[node], cancellation));
                await Task.Delay(disturbance.Hold, time, cancellation);
                break;
        }
    }

    private async Task HoldAsync(
        Disturbance disturbance, IReadOnlyList<string> replicas, Func<string, CancellationToken, Task> disturb, Func<string, CancellationToken, Task> undo, CancellationToken cancellation)
    {
        foreach (var replica in replicas) await disturb(replica, cancellation);
        log($"{disturbance.Kind}: {string.Join(", ", replicas)}, for {disturbance.Hold.TotalSeconds:0.0} s");
        await Task.Delay(disturbance.Hold, time, cancellation);
        foreach (var replica in replicas) await undo(replica, cancellation);
    }

    private async Task KillAsync(string node, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Comeback, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        var killed = await cluster.KillAsync(node, _lastKilled.TryGetValue(node, out var last) ? last : null, both.Token);
        _lastKilled[node] = killed;
        log($"killed {node}");
    }

    private async Task BackAsync(string node, int killed, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Comeback, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            await cluster.BackAsync(node, killed, both.Token);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"{node} was not healthy within {Comeback} after it was killed.", exception);
        }

        log($"{node} is back");
    }
}
