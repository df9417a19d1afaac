using Floodgate.VisibleValues;

namespace Floodgate.CounterService.Lookups;

/// <summary>
/// Looks up keys in batches: while one batch is being asked for, the keys of the next gather, and however many callers
/// ask for a key, it is asked for once. So the number of queries does not grow with the load.
/// </summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the answers.</typeparam>
/// <param name="what">What is looked up, for messages.</param>
/// <param name="query">Gives the answers in the order of the keys.</param>
/// <param name="batchSize">The most keys in one query.</param>
/// <param name="waiting">The most keys that may wait.</param>
/// <param name="concurrency">The most queries at once.</param>
internal sealed class BatchedLookup<TKey, TValue>(
    string what, Func<IReadOnlyList<TKey>, Task<IReadOnlyList<TValue>>> query, int batchSize = 500, int waiting = 20_000, int concurrency = 2)
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Queue<TKey> _queue = new();
    private readonly Dictionary<TKey, TaskCompletionSource<TValue>> _asked = [];
    private int _running;

    /// <summary>Looks up a key. Fails as the query fails.</summary>
    /// <exception cref="LookupBusyException">Too many keys wait.</exception>
    public Task<TValue> GetAsync(TKey key)
    {
        TaskCompletionSource<TValue>? answer;
        lock (_lock)
        {
            if (_asked.TryGetValue(key, out answer))
            {
                return answer.Task;
            }

            if (_queue.Count >= waiting)
            {
                return Task.FromException<TValue>(new LookupBusyException(what));
            }

            answer = new TaskCompletionSource<TValue>(TaskCreationOptions.RunContinuationsAsynchronously);
            _asked.Add(key, answer);
            _queue.Enqueue(key);
            if (_running < concurrency)
            {
                _running++;
                _ = RunAsync();
            }
        }

        return answer.Task;
    }

    private async Task RunAsync()
    {
        // Off the caller's stack and out of its lock, so that more keys can gather meanwhile.
        await Task.Yield();
        while (Take() is { Count: > 0 } keys)
        {
            try
            {
                var answers = await query(keys);
                for (var i = 0; i < keys.Count; i++)
                {
                    Remove(keys[i]).SetResult(answers[i]);
                }
            }
            catch (Exception exception)
            {
                foreach (var key in keys)
                {
                    Remove(key).SetException(exception);
                }
            }
        }
    }

    private List<TKey> Take()
    {
        lock (_lock)
        {
            var keys = new List<TKey>(Math.Min(_queue.Count, batchSize));
            while (keys.Count < batchSize && _queue.TryDequeue(out var key))
            {
                keys.Add(key);
            }

            if (keys.Count == 0)
            {
                _running--;
            }

            return keys;
        }
    }

    private TaskCompletionSource<TValue> Remove(TKey key)
    {
        lock (_lock)
        {
            _asked.Remove(key, out var answer);
            return answer!;
        }
    }
}
