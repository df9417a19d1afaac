using System.Collections.Concurrent;

namespace Floodgate.Leases.InProcess;

/// <summary>
/// The values that this process serves from memory: of hot keys, for as long as Redis was told that it does; and, while Redis is away, those that were
/// loaded without it. Bounded by bytes. Safe for concurrent use.
/// </summary>
internal sealed class KeptValues<TKey, TValue>(long mostBytes, Func<TKey, string> name, TimeProvider time)
    where TKey : notnull
    where TValue : class
{
    // What an entry takes beside its value, roughly.
    private const int Overhead = 200;

    private readonly ConcurrentDictionary<TKey, Kept<TValue>> _kept = new();
    private readonly ConcurrentDictionary<string, TKey> _names = new(StringComparer.Ordinal);
    private long _bytes;
    private long _clears;

    /// <summary>Whether there is room for more: what is not going to be kept is not to be announced either.</summary>
    public bool HasRoom => Bytes < mostBytes;

    /// <summary>How many bytes there are.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>How often everything was forgotten; to be taken before Redis is asked for what is to be kept.</summary>
    public long Clears => Interlocked.Read(ref _clears);

    /// <summary>The value of a key that is still good; null where there is none.</summary>
    public Kept<TValue>? Find(TKey key) =>
        Bytes > 0 && _kept.TryGetValue(key, out var kept) && time.GetElapsedTime(kept.Since) < kept.For ? kept : null;

    /// <summary>Keeps a value, if there is room and nothing was forgotten since.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="clears"><see cref="Clears"/> as it was before Redis was asked: a Redis that was started anew has not been told of it.</param>
    public void Keep(TKey key, Kept<TValue> value, long clears)
    {
        if (clears != Clears)
        {
            return;
        }

        var bytes = value.Found.Bytes + Overhead;
        if (Bytes + bytes > mostBytes)
        {
            Sweep();
            if (Bytes + bytes > mostBytes)
            {
                return;
            }
        }

        Remove(key);
        if (_kept.TryAdd(key, value))
        {
            Interlocked.Add(ref _bytes, bytes);
            _names[name(key)] = key;
        }

        if (clears != Clears)
        {
            Remove(key);
        }
    }

    /// <summary>Forgets a key by its name in Redis.</summary>
    public void Drop(string redisKey)
    {
        if (_names.TryGetValue(redisKey, out var key))
        {
            Remove(key);
        }
    }

    /// <summary>Forgets a key.</summary>
    public void Remove(TKey key)
    {
        if (_kept.TryRemove(key, out var old))
        {
            Interlocked.Add(ref _bytes, -(old.Found.Bytes + Overhead));
            _names.TryRemove(name(key), out _);
        }
    }

    /// <summary>Forgets everything: what was pushed meanwhile may have been missed.</summary>
    public void Clear()
    {
        Interlocked.Increment(ref _clears);
        foreach (var key in _kept.Keys)
        {
            Remove(key);
        }
    }

    private void Sweep()
    {
        foreach (var (key, kept) in _kept)
        {
            if (time.GetElapsedTime(kept.Since) >= kept.For)
            {
                Remove(key);
            }
        }
    }
}

/// <summary>A value that is served from memory.</summary>
/// <param name="Found">The value.</param>
/// <param name="Since">From when on, by the clock of the process.</param>
/// <param name="For">For how long.</param>
/// <param name="IsHeld">Whether Redis was told, so that it is current; otherwise it is as of its position.</param>
/// <param name="Number">When it was there already (<see cref="Loading.LookNumbers"/>).</param>
internal sealed record Kept<TValue>(Found<TValue> Found, long Since, TimeSpan For, bool IsHeld, long Number)
    where TValue : class
{
    private int _renewing;

    /// <summary>Whether the caller is the one to renew it, in the second half of its time.</summary>
    public bool TryRenew(TimeProvider time) =>
        IsHeld && time.GetElapsedTime(Since) > For / 2 && Interlocked.Exchange(ref _renewing, 1) == 0;
}
