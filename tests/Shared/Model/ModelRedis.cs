using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Floodgate.Model;

/// <summary>Hashes that expire: as much of Redis as the scripts need.</summary>
/// <param name="now">The clock.</param>
internal sealed class ModelRedis(Func<DateTimeOffset> now)
{
    private Dictionary<string, ModelHash> _hashes = new(StringComparer.Ordinal);

    /// <summary>The hash of a key; null where there is none.</summary>
    public ModelHash? Find(string key)
    {
        if (_hashes.TryGetValue(key, out var hash) && hash.ExpiresAt <= now())
        {
            _hashes.Remove(key);
            return null;
        }

        return hash;
    }

    /// <summary>HGET.</summary>
    public string? Get(string key, string field) => Find(key)?.Fields.GetValueOrDefault(field);

    /// <summary>HSET of one field.</summary>
    [SuppressMessage("Performance", "CA1854", Justification = "An expired hash is to be removed first.")]
    public void Set(string key, string field, string value)
    {
        if (Find(key) is not { } hash)
        {
            _hashes[key] = hash = new ModelHash();
        }

        hash.Fields[field] = value;
    }

    /// <summary>HSETNX.</summary>
    public bool SetIfAbsent(string key, string field, string value)
    {
        if (Get(key, field) is not null)
        {
            return false;
        }

        Set(key, field, value);
        return true;
    }

    /// <summary>HINCRBY; gives the new value.</summary>
    public string Increase(string key, string field, long by)
    {
        var value = (long.Parse(Get(key, field) ?? "0", CultureInfo.InvariantCulture) + by).ToString(CultureInfo.InvariantCulture);
        Set(key, field, value);
        return value;
    }

    /// <summary>HDEL; a hash without fields is gone.</summary>
    public void Remove(string key, string field)
    {
        if (Find(key) is { } hash && hash.Fields.Remove(field) && hash.Fields.Count == 0)
        {
            _hashes.Remove(key);
        }
    }

    /// <summary>DEL.</summary>
    public void Delete(string key) => _hashes.Remove(key);

    /// <summary>EXPIRE.</summary>
    public void Expire(string key, TimeSpan after)
    {
        if (Find(key) is { } hash)
        {
            hash.ExpiresAt = now() + after;
        }
    }

    /// <summary>PTTL; null where it does not expire, or is not there.</summary>
    public TimeSpan? TimeToLive(string key) => Find(key)?.ExpiresAt - now();

    /// <summary>FLUSHALL.</summary>
    public void Clear() => _hashes.Clear();

    /// <summary>A copy of everything, as a snapshot on disk has it.</summary>
    public object Save() => Copy(_hashes);

    /// <summary>Everything is as it was.</summary>
    public void Restore(object saved) => _hashes = Copy((Dictionary<string, ModelHash>)saved);

    private static Dictionary<string, ModelHash> Copy(Dictionary<string, ModelHash> hashes)
    {
        var copy = new Dictionary<string, ModelHash>(hashes.Count, StringComparer.Ordinal);
        foreach (var (key, hash) in hashes)
        {
            copy.Add(key, new ModelHash(hash));
        }

        return copy;
    }
}

/// <summary>A hash.</summary>
internal sealed class ModelHash
{
    public ModelHash() => Fields = new Dictionary<string, string>(StringComparer.Ordinal);

    public ModelHash(ModelHash other)
    {
        Fields = new Dictionary<string, string>(other.Fields, StringComparer.Ordinal);
        ExpiresAt = other.ExpiresAt;
    }

    /// <summary>Its fields.</summary>
    public Dictionary<string, string> Fields { get; }

    /// <summary>When it is gone; null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }
}
