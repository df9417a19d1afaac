using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Floodgate.CounterService.Hosting;
using Microsoft.Extensions.Options;

namespace Floodgate.CounterService.Ranking;

/// <summary>The first of a ranking and since when it counts.</summary>
internal sealed record RankedCounters(DateTimeOffset Since, IReadOnlyList<RankedCounter> Items);

/// <summary>
/// Rankings, each asked for once in <c>RankingFor</c>, however many ask: a front page that shows one costs a query a second.
/// </summary>
internal sealed class TopCounters(BucketStore store, IOptions<CounterOptions> options, TimeProvider time)
{
    public const int Most = 100;

    private const int MostRemembered = 1000;

    private readonly ConcurrentDictionary<(string Name, TimeSpan Window), Asked> _asked = new();

    /// <summary>The counters of a name to which most was added in a window.</summary>
    /// <exception cref="Exception">No node answers in time.</exception>
    public Task<RankedCounters> GetAsync(string name, TimeWindow window)
    {
        var key = (name, window.Length);
        if (_asked.TryGetValue(key, out var asked) && !IsOld(asked))
        {
            return asked.Answer.Value;
        }

        if (_asked.Count >= MostRemembered)
        {
            _asked.Clear();
        }

        // Several callers may find it old at once: the first replaces it, the others take what that one put there.
        var next = new Asked(time.GetTimestamp(), new Lazy<Task<RankedCounters>>(() => AskAsync(name, window)));
        return _asked.AddOrUpdate(key, next, (_, current) => IsOld(current) ? next : current).Answer.Value;
    }

    private bool IsOld(in Asked asked) =>
        asked.Answer is { IsValueCreated: true, Value.IsFaulted: true }
        || (time.GetElapsedTime(asked.At) >= options.Value.RankingFor && asked.Answer is { IsValueCreated: true, Value.IsCompleted: true });

    private async Task<RankedCounters> AskAsync(string name, TimeWindow window)
    {
        var since = window.Since(time.GetUtcNow());
        return new RankedCounters(since, await store.TopAsync(name, since, Most));
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Asked(long At, Lazy<Task<RankedCounters>> Answer);
}
