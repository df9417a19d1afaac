using System.Collections.Concurrent;
using Floodgate.Leases.Store;

namespace Floodgate.Leases.InProcess;

/// <summary>A value as Redis had it, and in which version.</summary>
/// <param name="meta">What is said of it.</param>
/// <param name="version">The version.</param>
/// <param name="found">The value.</param>
/// <param name="number">When it was there already (<see cref="Loading.LookNumbers"/>).</param>
internal sealed class Copy<TValue>(EntryMeta meta, EntryVersion version, Found<TValue> found, long number)
    where TValue : class
{
    // Not the whole of what is said of it: each page looks at these of 20 copies, and how many places of memory that are is what it costs.

    /// <summary>Under which run of Redis and which epoch it was written.</summary>
    public string Generation { get; } = meta.Generation;

    /// <summary>When it is to be refreshed, by the clock of Redis, in milliseconds since 1970.</summary>
    public long SoftExpiry { get; } = meta.SoftExpiry;

    /// <summary>How long the fill took.</summary>
    public TimeSpan Cost { get; } = meta.Cost;

    public EntryVersion Version => version;

    public Found<TValue> Found => found;

    public long Number => number;
}

/// <summary>
/// Copies of values that Redis has, so that it need only say whether they are current, and they are read out of bytes once. A copy is never served unasked.
/// Bounded by bytes: two halves, of which the older is forgotten when the younger is full; what is found in the older moves to the younger. Safe for concurrent
/// use.
/// </summary>
internal sealed class Copies<TKey, TValue>(long mostBytes)
    where TKey : notnull
    where TValue : class
{
    // What an entry takes beside its value: names, version, dictionary. And what a value takes in memory for a byte of its serialised form.
    private const int Overhead = 800;
    private const int Growth = 3;

    private readonly Lock _turning = new();
    private volatile Half _young = new();
    private volatile Half _old = new();

    /// <summary>Whether copies are kept at all.</summary>
    public bool AreKept => mostBytes > 0;

    /// <summary>How many bytes there are, as estimated.</summary>
    public long Bytes => _young.Bytes + _old.Bytes;

    /// <summary>The copy of a key; null where there is none.</summary>
    public Copy<TValue>? Find(TKey key)
    {
        if (_young.Values.TryGetValue(key, out var copy))
        {
            return copy;
        }

        if (_old.Values.TryGetValue(key, out copy))
        {
            Keep(key, copy);
        }

        return copy;
    }

    /// <summary>Keeps a copy, in place of an older one.</summary>
    public void Keep(TKey key, Copy<TValue> copy)
    {
        var bytes = BytesOf(copy);
        if (bytes > mostBytes / 2)
        {
            return;
        }

        var half = _young;
        half.Values[key] = copy;
        if (half.Add(bytes) > mostBytes / 2)
        {
            lock (_turning)
            {
                if (ReferenceEquals(half, _young))
                {
                    (_old, _young) = (half, new Half());
                }
            }
        }
    }

    /// <summary>Forgets a copy: it is not current any more.</summary>
    public void Remove(TKey key)
    {
        _young.Values.TryRemove(key, out _);
        _old.Values.TryRemove(key, out _);
    }

    private static long BytesOf(Copy<TValue> copy) => Overhead + ((long)Growth * copy.Found.Bytes);

    // What is replaced or removed goes on counting until the half is forgotten: so the estimate is high rather than low.
    private sealed class Half
    {
        private long _bytes;

        public ConcurrentDictionary<TKey, Copy<TValue>> Values { get; } = new();

        public long Bytes => Interlocked.Read(ref _bytes);

        public long Add(long bytes) => Interlocked.Add(ref _bytes, bytes);
    }
}
