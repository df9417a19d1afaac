using System.Runtime.InteropServices;
using Floodgate.Leases.InProcess;
using Floodgate.Leases.Store;
using Floodgate.Leases.Telemetry;

namespace Floodgate.Leases.Loading;

/// <summary>
/// Serves copies that this process has, once Redis has said that they are current: as good as a value that was read from there at that moment, without its way
/// over the wire and out of its bytes.
/// </summary>
internal sealed class CopyReads<TKey, TValue>(
    CacheEnvironment environment, LeaseCacheOptions options, Copies<TKey, TValue> copies, KeptValues<TKey, TValue> kept, KeyHeat<TKey> heat, CacheCounts counts)
    where TKey : notnull
    where TValue : class
{
    // No chance gives a number so small that its negative logarithm is more.
    private const double FarthestChance = 40;

    /// <summary>What holds for all keys that are looked for now.</summary>
    public CopySearch Begin() => copies.AreKept && environment.Store.IsAvailable
        ? new CopySearch(environment.Store.Generation, environment.Store.Now, MayHold: options.HoldFor > TimeSpan.Zero && kept.HasRoom)
        : default;

    /// <summary>The same for what is read as of an index: then a copy costs nothing, and a hot key need not be held.</summary>
    public CopySearch BeginAt(ReadIndex index) => index.IsNone ? default : Begin() with { MayHold = false };

    /// <summary>Whether copies are all known to be current.</summary>
    public bool AreCurrent(ReadOnlySpan<EntryVersion> versions)
    {
        if (!environment.Store.AreUnchanged(versions))
        {
            return false;
        }

        counts.Hit(versions.Length);
        return true;
    }

    /// <summary>
    /// The copy of a key of which Redis may be asked; null where there is none, or the key is to be read: it is hot and to be held, is to be refreshed, or is not
    /// of what is believed now.
    /// </summary>
    public Copy<TValue>? Find(TKey key, in CopySearch search) =>
        search.Generation is { } generation && copies.Find(key) is { } copy && copy.Generation == generation
        && !IsOld(copy, search.Now) && !(search.MayHold && heat.IsHot(key))
            ? copy
            : null;

    /// <summary>Whether a copy is current. It is forgotten if not.</summary>
    public async Task<bool> IsCurrentAsync(TKey key, Copy<TValue> copy)
    {
        try
        {
            if ((await environment.Store.CheckAsync([copy.Version]))[0] && IsBelieved(copy))
            {
                counts.Hit(1);
                return true;
            }
        }
        catch (StoreUnavailableException)
        {
            // The look that follows does without Redis.
            return false;
        }

        copies.Remove(key);
        return false;
    }

    /// <summary>Asks which copies are current, and forgets the others.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="checks">The places of those in question among the keys, and their copies.</param>
    /// <returns>The places of those that are not; of all where Redis does not say. Null: all are.</returns>
    public async Task<List<int>?> FindChangedAsync(IReadOnlyList<TKey> keys, List<(int Index, Copy<TValue> Copy)> checks)
    {
        bool[] current;
        try
        {
            current = await environment.Store.CheckAsync(checks.ConvertAll(static check => check.Copy.Version));
        }
        catch (StoreUnavailableException)
        {
            return checks.ConvertAll(static check => check.Index);
        }

        List<int>? changed = null;
        for (var n = 0; n < current.Length; n++)
        {
            if (!current[n] || !IsBelieved(checks[n].Copy))
            {
                copies.Remove(keys[checks[n].Index]);
                (changed ??= []).Add(checks[n].Index);
            }
        }

        counts.Hit(current.Length - (changed?.Count ?? 0));
        return changed;
    }

    // Once more, as it may have been long since the copy was found: of a write that raised the epoch instead Redis does not know.
    private bool IsBelieved(Copy<TValue> copy) => copy.Generation == environment.Store.Generation;

    // As KeyLookup.IsOld: XFetch proposes now and then before the soft expiry. Then it is read, which sees whether somebody refreshes it already.
    private bool IsOld(Copy<TValue> copy, long now)
    {
        var (left, most) = (copy.SoftExpiry - now, copy.Cost.TotalMilliseconds * options.Beta);
        return left <= 0 || (left < most * FarthestChance && left <= -most * Math.Log(environment.Chance.Next()));
    }
}

/// <summary>What holds for all copies that are looked for at once.</summary>
/// <param name="Generation">What is believed; null: no copy is to be served.</param>
/// <param name="Now">The time by the clock of Redis, in milliseconds since 1970.</param>
/// <param name="MayHold">Whether hot keys are to be held.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CopySearch(string? Generation, long Now, bool MayHold);
