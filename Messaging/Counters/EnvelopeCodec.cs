using System.Buffers;
using System.IO.Compression;

namespace Floodgate.Messaging.Counters;

/// <summary>
/// The bytes of an envelope: magic 0xFC, format version 1, flags, then the content; if flag 1 is set, the content's
/// length and the content compressed with Brotli (RFC 7932). Integers are LEB128 variable-length, signed ones
/// zigzag-coded; text is its length and ASCII.
/// </summary>
/// <remarks>
/// Content: producer (16 bytes, big-endian), partition, sequence, milliseconds since 1970; the names that occur; the
/// deltas (index of the name, key, amount, user or 0, request key); the reactions (user × 2 + liked, post, difference
/// of the version to the one before).
/// </remarks>
public static class EnvelopeCodec
{
    /// <summary>The content type of the message.</summary>
    public const string ContentType = "application/vnd.floodgate.counters";

    /// <summary>The most deltas and reactions together.</summary>
    public const int MaximumEntries = 100_000;

    /// <summary>The most bytes the content may have once it is unpacked.</summary>
    public const int MaximumContent = 64 * 1024 * 1024;

    /// <summary>Content of this many bytes or more is compressed.</summary>
    public const int CompressFrom = 4096;

    /// <summary>The highest partition there can be.</summary>
    public const int MaximumPartition = 1023;

    internal const byte Magic = 0xFC;
    internal const byte Version = 1;
    private const byte Compressed = 1;
    private const int HeaderLength = 3;

    // Quality 1 packs user and post ids to about half at several hundred MB/s; more costs more than the broker saves.
    private const int Quality = 1;
    private const int Window = 18;

    /// <summary>Writes an envelope.</summary>
    /// <param name="envelope">The envelope; its fields are trusted.</param>
    /// <param name="compressFrom">Compress from this many bytes on.</param>
    public static byte[] Encode(CounterEnvelope envelope, int compressFrom = CompressFrom)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        var content = new ArrayBufferWriter<byte>(256 + (envelope.Deltas.Count * 24) + (envelope.Reactions.Count * 20));
        EnvelopeContent.Write(content, envelope);
        if (content.WrittenCount < compressFrom)
        {
            var plain = new byte[HeaderLength + content.WrittenCount];
            WriteHeader(plain, flags: 0);
            content.WrittenSpan.CopyTo(plain.AsSpan(HeaderLength));
            return plain;
        }

        return Compress(content.WrittenSpan);
    }

    /// <summary>Reads an envelope.</summary>
    /// <param name="bytes">What arrived; anything at all.</param>
    /// <exception cref="InvalidEnvelopeException">These bytes are no envelope, or it holds what no envelope may.</exception>
    public static CounterEnvelope Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderLength || bytes[0] != Magic)
        {
            throw new InvalidEnvelopeException("It does not begin as an envelope does.");
        }

        if (bytes[1] != Version)
        {
            throw new InvalidEnvelopeException($"Its format version is {bytes[1]}; this program knows {Version}.");
        }

        if ((bytes[2] & ~Compressed) != 0)
        {
            throw new InvalidEnvelopeException($"Its flags are {bytes[2]}; this program knows {Compressed}.");
        }

        var content = bytes[HeaderLength..];
        return bytes[2] == Compressed ? Decompress(content) : EnvelopeContent.Read(content);
    }

    private static void WriteHeader(Span<byte> target, byte flags)
    {
        target[0] = Magic;
        target[1] = Version;
        target[2] = flags;
    }

    private static byte[] Compress(ReadOnlySpan<byte> content)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(HeaderLength + VarInt.MaximumLength + BrotliEncoder.GetMaxCompressedLength(content.Length));
        try
        {
            WriteHeader(buffer, Compressed);
            var start = HeaderLength + VarInt.Write(buffer.AsSpan(HeaderLength), (ulong)content.Length);
            if (!BrotliEncoder.TryCompress(content, buffer.AsSpan(start), out var written, Quality, Window))
            {
                throw new InvalidOperationException("Brotli did not fit into the length it named itself.");
            }

            return buffer.AsSpan(0, start + written).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static CounterEnvelope Decompress(ReadOnlySpan<byte> content)
    {
        var reader = new ContentReader(content);
        var length = reader.Int32("length", 0, MaximumContent);
        var packed = reader.Rest();

        // The length is somebody's word: 1 byte of Brotli can stand for a great many, but not for any number.
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(length, 1));
        try
        {
            if (!BrotliDecoder.TryDecompress(packed, buffer.AsSpan(0, length), out var written) || written != length)
            {
                throw new InvalidEnvelopeException($"Its compressed content is not {length} bytes of Brotli.");
            }

            return EnvelopeContent.Read(buffer.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
