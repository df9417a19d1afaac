using System.Collections.Concurrent;
using Floodgate.Leases.Store;
using Floodgate.Leases.Telemetry;

namespace Floodgate.Leases.Loading;

/// <summary>Refreshes in the background what is still served: who gets the lease does it, the others leave it.</summary>
internal sealed class Refresh<TKey, TValue>(CacheEntity<TKey, TValue> entity, CacheEnvironment environment, LeaseCacheOptions options, CacheCounts counts)
    where TKey : notnull
    where TValue : class
{
    private readonly ConcurrentDictionary<TKey, byte> _running = new();

    /// <summary>Refreshes. Never throws.</summary>
    public async Task RunAsync(IReadOnlyList<(TKey Key, string Name, string Seen)> old, FillMany<TKey, TValue> fill)
    {
        var mine = old.Where(one => _running.TryAdd(one.Key, 0)).ToList();
        if (mine.Count == 0)
        {
            return;
        }

        try
        {
            var token = Guid.NewGuid().ToString("N");
            var answers = await environment.Store.AcquireAsync(
                mine.ConvertAll(one => one.Name), token, options.Lease, mine.ConvertAll(one => one.Seen));
            var won = new List<Leased<TKey>>();
            for (var i = 0; i < answers.Length; i++)
            {
                if (answers[i].Outcome == LeaseOutcome.Won)
                {
                    counts.LeaseWon(answers[i].TakenOver);
                    won.Add(new Leased<TKey>(mine[i].Key, mine[i].Name, answers[i]));
                }
            }

            if (won.Count > 0)
            {
                var origin = new OriginCalls<TKey, TValue>(entity.Name, environment, options, counts);
                await new LeasedFill<TKey, TValue>(entity, environment, options, origin, counts).RunAsync(won, token, fill, CacheRead.Any);
            }
        }
        catch (Exception exception)
        {
            CacheLog.RefreshFailed(environment.Logger, entity.Name, exception.Message);
        }
        finally
        {
            mine.ForEach(one => _running.TryRemove(one.Key, out _));
        }
    }
}
