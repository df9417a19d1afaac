using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Floodgate.Leases;

/// <summary>Writes values as bytes and reads them. Safe for concurrent use.</summary>
/// <typeparam name="TValue">The type of the values.</typeparam>
public interface ICacheCodec<TValue>
{
    /// <summary>Writes a value.</summary>
    void Write(TValue value, IBufferWriter<byte> output);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="FormatException">These are not the bytes of a value: the entry is taken for missing.</exception>
    TValue Read(ReadOnlySpan<byte> bytes);
}

/// <summary>JSON by source-generated metadata.</summary>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <param name="type">The metadata.</param>
public sealed class JsonCacheCodec<TValue>(JsonTypeInfo<TValue> type) : ICacheCodec<TValue>
{
    /// <inheritdoc/>
    public void Write(TValue value, IBufferWriter<byte> output)
    {
        using var writer = new Utf8JsonWriter(output);
        JsonSerializer.Serialize(writer, value, type);
    }

    /// <inheritdoc/>
    public TValue Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, type) ?? throw new FormatException("A cached value is null.");
        }
        catch (JsonException exception)
        {
            throw new FormatException("A cached value is not the JSON it should be.", exception);
        }
    }
}
