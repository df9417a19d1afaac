using System.Collections.Concurrent;

namespace Floodgate.Leases;

/// <summary>Wakes those callers of this process that wait for a key. At most one waits for each, as callers share a flight.</summary>
internal sealed class Wakeups
{
    private readonly ConcurrentDictionary<string, Waiter> _waiters = new(StringComparer.Ordinal);

    /// <summary>Begins to listen for a key: before the lease is asked for, so that no wake-up is missed.</summary>
    public Waiter Listen(string key)
    {
        var waiter = new Waiter(this, key);
        _waiters[key] = waiter;
        return waiter;
    }

    /// <summary>Wakes whoever waits for a key.</summary>
    public void Wake(string key)
    {
        if (_waiters.TryGetValue(key, out var waiter))
        {
            waiter.Wake();
        }
    }

    /// <summary>Wakes all: wake-ups may have been missed.</summary>
    public void WakeAll()
    {
        foreach (var waiter in _waiters.Values)
        {
            waiter.Wake();
        }
    }

    internal sealed class Waiter(Wakeups all, string key) : IDisposable
    {
        private volatile TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Completes once somebody woke it, or the time is over.</summary>
        public async Task WaitAsync(TimeSpan atMost, TimeProvider time)
        {
            await using (time.CreateTimer(static waiter => ((Waiter)waiter!).Wake(), this, atMost, Timeout.InfiniteTimeSpan))
            {
                await _woken.Task;
            }

            _woken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        public void Wake() => _woken.TrySetResult();

        public void Dispose() => all._waiters.TryRemove(new KeyValuePair<string, Waiter>(key, this));
    }
}
