using System.Collections.Concurrent;

namespace Floodgate.Leases.InProcess;

/// <summary>
/// Measures how often keys are read, to find the hot ones. Counts are settled into rates every half a second; keys that cool down are forgotten, and so
/// many are watched at most, so that a crawl through all keys does not fill the memory.
/// </summary>
internal sealed class KeyHeat<TKey>(int hotRate, TimeProvider time)
    where TKey : notnull
{
    public const int MostWatched = 4096;

    // Half of the new rate is that of the last interval.
    private const double Weight = 0.5;

    // However hot a key has to be: the hottest are to be seen even where none is hot.
    private const double MostForgotten = 50;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<TKey, Heat> _heats = new();
    private readonly Lock _settling = new();
    private int _watched;
    private long _settledAt = time.GetTimestamp();

    /// <summary>Counts a read.</summary>
    public void Touch(TKey key)
    {
        SettleIfDue();
        Count(key);
    }

    /// <summary>Counts reads.</summary>
    public void Touch(IReadOnlyList<TKey> keys)
    {
        SettleIfDue();
        for (var i = 0; i < keys.Count; i++)
        {
            Count(keys[i]);
        }
    }

    private void Count(TKey key)
    {
        if (_heats.TryGetValue(key, out var heat) || (Volatile.Read(ref _watched) < MostWatched && TryWatch(key, out heat)))
        {
            Interlocked.Increment(ref heat.Reads);
        }
    }

    /// <summary>Whether a key is hot.</summary>
    public bool IsHot(TKey key) => _heats.TryGetValue(key, out var heat) && Volatile.Read(ref heat.Rate) >= hotRate;

    /// <summary>The keys that are read most, and how often a second.</summary>
    public IReadOnlyList<(TKey Key, double Rate)> Hottest(int count) =>
        [.. _heats.Select(pair => (pair.Key, Rate: Volatile.Read(ref pair.Value.Rate))).Where(pair => pair.Rate >= 1).OrderByDescending(pair => pair.Rate).Take(count)];

    private bool TryWatch(TKey key, out Heat heat)
    {
        heat = new Heat();
        if (!_heats.TryAdd(key, heat))
        {
            return false;
        }

        Interlocked.Increment(ref _watched);
        return true;
    }

    private void SettleIfDue()
    {
        var since = time.GetElapsedTime(Volatile.Read(ref _settledAt));
        if (since < Interval || !_settling.TryEnter())
        {
            return;
        }

        try
        {
            since = time.GetElapsedTime(_settledAt);
            if (since < Interval)
            {
                return;
            }

            Volatile.Write(ref _settledAt, time.GetTimestamp());
            // When there is no more room, what is far from hot makes some.
            var least = Volatile.Read(ref _watched) < MostWatched ? 1 : Math.Min(hotRate / 2.0, MostForgotten);
            foreach (var (key, heat) in _heats)
            {
                var sample = Interlocked.Exchange(ref heat.Reads, 0) / since.TotalSeconds;
                Volatile.Write(ref heat.Rate, (heat.Rate * (1 - Weight)) + (sample * Weight));
                if (heat.Rate < least && _heats.TryRemove(key, out _))
                {
                    Interlocked.Decrement(ref _watched);
                }
            }
        }
        finally
        {
            _settling.Exit();
        }
    }

    private sealed class Heat
    {
        public int Reads;
        public double Rate;
    }
}
