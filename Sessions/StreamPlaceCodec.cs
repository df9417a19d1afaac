using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace Floodgate.Sessions;

/// <summary>Signs the places of streams and believes only those it signed. They do not expire. Safe for concurrent use.</summary>
/// <param name="options">The keys.</param>
public sealed class StreamPlaceCodec(IOptions<SessionOptions> options)
{
    // newest (8) | from (8) | fingerprint (8) | timeline (4) | LSN (8), all big-endian
    private const int PayloadLength = 8 + 8 + 8 + 4 + 8;

    private readonly SignedText _signed = new(options.Value, "stream");

    /// <summary>Writes the place as base64url text of 71 characters.</summary>
    public string Write(StreamPlace place)
    {
        Span<byte> payload = stackalloc byte[PayloadLength];
        BinaryPrimitives.WriteInt64BigEndian(payload, place.Newest);
        BinaryPrimitives.WriteInt64BigEndian(payload[8..], place.From);
        BinaryPrimitives.WriteUInt64BigEndian(payload[16..], place.Fingerprint);
        BinaryPrimitives.WriteUInt32BigEndian(payload[24..], place.Position.Timeline);
        BinaryPrimitives.WriteUInt64BigEndian(payload[28..], place.Position.Lsn.Value);
        return _signed.Sign(payload);
    }

    /// <summary>Reads a place.</summary>
    /// <returns>Whether the text is a place that this system signed.</returns>
    public bool TryRead([NotNullWhen(true)] string? text, out StreamPlace place)
    {
        Span<byte> payload = stackalloc byte[PayloadLength];
        if (string.IsNullOrEmpty(text) || !_signed.TryVerify(text, payload))
        {
            place = default;
            return false;
        }

        place = new StreamPlace(
            BinaryPrimitives.ReadInt64BigEndian(payload),
            BinaryPrimitives.ReadInt64BigEndian(payload[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(payload[16..]),
            new WalPosition(BinaryPrimitives.ReadUInt32BigEndian(payload[24..]), new Lsn(BinaryPrimitives.ReadUInt64BigEndian(payload[28..]))));
        return true;
    }
}
