using Floodgate.Leases.InProcess;

namespace Floodgate.Leases.Loading;

/// <summary>The keys that one call looks for, with the flight of each.</summary>
internal sealed class Batch<TKey, TValue>(TKey[] keys, string[] names, Flight<TValue>[] flights, FillMany<TKey, TValue> fill, CacheRead read)
    where TKey : notnull
    where TValue : class
{
    public TKey[] Keys => keys;

    /// <summary>The keys in Redis.</summary>
    public string[] Names => names;

    public Flight<TValue>[] Flights => flights;

    public FillMany<TKey, TValue> Fill => fill;

    public CacheRead Read => read;
}
