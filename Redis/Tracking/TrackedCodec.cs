namespace Floodgate.Redis.Tracking;

/// <summary>What keys and values of strings in Redis mean.</summary>
/// <typeparam name="TKey">What a key is in this process.</typeparam>
/// <typeparam name="TValue">What a value is in this process; it does not change.</typeparam>
public abstract class TrackedCodec<TKey, TValue>
    where TKey : notnull
    where TValue : class
{
    /// <summary>How long a key is at most, in bytes.</summary>
    public abstract int LongestKey { get; }

    /// <summary>Writes a key as Redis has it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="output">Where to; it has room for <see cref="LongestKey"/>.</param>
    /// <returns>How many bytes it has.</returns>
    public abstract int WriteKey(TKey key, Span<byte> output);

    /// <summary>Reads a key; false where it is none of these. Called by one thread at a time.</summary>
    public abstract bool TryReadKey(ReadOnlySpan<byte> text, out TKey key);

    /// <summary>Reads a value; null where it means nothing. Called by one thread at a time.</summary>
    public abstract TValue? ReadValue(ReadOnlySpan<byte> text);
}
