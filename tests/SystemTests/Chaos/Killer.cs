using System.Collections.Concurrent;
using Floodgate.SystemTests.Running;

namespace Floodgate.SystemTests.Chaos;

/// <summary>Kills with SIGKILL by a schedule, and sees each process come back.</summary>
internal sealed class Killer(RunningSystem system, Random random, ChaosReport report, TimeProvider time)
{
    private const int Flowing = 100;
    private static readonly TimeSpan Comeback = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, int> _lastKilled = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _back = new();

    /// <summary>What was killed and came back healthy.</summary>
    public IReadOnlyCollection<string> Back => _back;

    /// <summary>Carries the schedule out; ends when everything that was killed is healthy again.</summary>
    public async Task RunAsync(IReadOnlyList<Strike> schedule, CancellationToken cancellationToken)
    {
        var comebacks = new List<Task>();
        var acknowledged = 0;
        foreach (var strike in schedule)
        {
            // This paces the load, and nothing waits for it to be true: whether all came right is asked of the system.
            await Task.Delay(strike.After, time, cancellationToken);
            if (strike.UnderLoad)
            {
                await Eventually.HoldsAsync(
                    () => Task.FromResult(report.Acknowledged - acknowledged), since => since >= Flowing, Comeback, cancellationToken);
            }

            acknowledged = report.Acknowledged;
            comebacks.Add(SeeBackAsync(strike, await StrikeAsync(strike, cancellationToken), cancellationToken));
        }

        await Task.WhenAll(comebacks);
    }

    private async Task<Dictionary<string, int>> StrikeAsync(Strike strike, CancellationToken cancellationToken)
    {
        var instances = system.InstancesOf(strike.Resource);
        if (strike.OneOnly)
        {
            instances = [instances[random.Next(instances.Count)]];
        }

        // One that was killed just now is waited for: it is killed while it starts.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Comeback);
        var killed = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var instance in instances)
        {
            killed.Add(instance, await system.KillInstanceAsync(instance, _lastKilled.TryGetValue(instance, out var last) ? last : null, limit.Token));
            _lastKilled[instance] = killed[instance];
        }

        report.Event($"killed {strike.What} ({string.Join(", ", killed.Keys)})");
        return killed;
    }

    private async Task SeeBackAsync(Strike strike, Dictionary<string, int> killed, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Comeback);
        try
        {
            await system.RestartedAsync(killed, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            report.Fault($"{strike.What} was not healthy within {Comeback} after it was killed");
            return;
        }

        report.Event($"{strike.What} is back");
        _back.Enqueue(strike.What);
    }
}
