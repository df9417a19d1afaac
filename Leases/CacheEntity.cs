namespace Floodgate.Leases;

/// <summary>What kind of thing a cache holds: how its keys are written in Redis and its values as bytes.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <param name="Name">
/// Names the entity in keys, metrics and settings: 1 to 32 lower-case letters and <c>-</c>. No two entities of a system share one.
/// </param>
/// <param name="Schema">The version of the serialised form. A new form takes a new number, so that no process reads what another wrote otherwise.</param>
/// <param name="KeyText">Writes a key; different keys give different texts. It holds no braces.</param>
/// <param name="Codec">Writes and reads values.</param>
public sealed record CacheEntity<TKey, TValue>(string Name, int Schema, Func<TKey, string> KeyText, ICacheCodec<TValue> Codec)
    where TKey : notnull
    where TValue : class
{
    /// <summary>The key in Redis, <c>lc:post:1:{42}</c>: the braces let Redis Cluster place it by the key alone.</summary>
    public string RedisKey(TKey key) => $"lc:{Name}:{Schema}:{{{KeyText(key)}}}";
}
