using System.Buffers;

namespace Floodgate.Redis.Tracking;

/// <summary>How something is read from Redis, and what it means.</summary>
/// <typeparam name="TKey">What is asked for: a key, and what of it. Two are the same where the key is.</typeparam>
/// <typeparam name="TValue">What it says in this process; it does not change.</typeparam>
internal abstract class TrackedCodec<TKey, TValue>
    where TKey : notnull
    where TValue : class
{
    /// <summary>How many keys one command reads at most.</summary>
    public abstract int MostAtOnce { get; }

    /// <summary>How many values are read of a key.</summary>
    public virtual int ValuesOf(TKey key) => 1;

    /// <summary>Writes the command that reads keys.</summary>
    /// <param name="keys">The keys, no more than <see cref="MostAtOnce"/>.</param>
    /// <param name="output">Where to.</param>
    public abstract void Write(ReadOnlySpan<TKey> keys, IBufferWriter<byte> output);

    /// <summary>Reads what Redis answers. Called by one thread at a time.</summary>
    /// <param name="keys">The keys of the command.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="values">Where what they say goes; null where that is nothing.</param>
    /// <exception cref="InvalidDataException">It is no answer to that.</exception>
    public abstract void Read(ReadOnlySpan<TKey> keys, RespFrame answer, Span<TValue?> values);

    /// <summary>Reads a key as Redis has it; false where it is none of these. Called by one thread at a time.</summary>
    public abstract bool TryReadKey(ReadOnlySpan<byte> text, out TKey key);

    /// <summary>Whether a value says what is asked for, as it may have been read for something else of the same key.</summary>
    public virtual bool Says(TValue? value, TKey key) => true;
}
