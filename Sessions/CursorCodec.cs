using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace Floodgate.Sessions;

/// <summary>Signs page cursors and believes only those it signed. Cursors do not expire. Safe for concurrent use.</summary>
/// <param name="options">The keys.</param>
public sealed class CursorCodec(IOptions<SessionOptions> options)
{
    // before (8) | timeline (4) | LSN (8), all big-endian
    private const int PayloadLength = 8 + 4 + 8;

    private readonly SignedText _signed = new(options.Value, "cursor");

    /// <summary>Writes the cursor as base64url text of 50 characters.</summary>
    /// <param name="cursor">The cursor.</param>
    /// <param name="list">The list that it belongs to: it is good for no other.</param>
    public string Write(Cursor cursor, string list)
    {
        Span<byte> payload = stackalloc byte[PayloadLength];
        BinaryPrimitives.WriteInt64BigEndian(payload, cursor.Before);
        BinaryPrimitives.WriteUInt32BigEndian(payload[8..], cursor.Position.Timeline);
        BinaryPrimitives.WriteUInt64BigEndian(payload[12..], cursor.Position.Lsn.Value);
        return _signed.Sign(payload, list);
    }

    /// <summary>Reads a cursor.</summary>
    /// <param name="text">What a caller sent.</param>
    /// <param name="list">The list that is read.</param>
    /// <param name="cursor">The cursor.</param>
    /// <returns>Whether the text is a cursor that this system signed for this list.</returns>
    public bool TryRead([NotNullWhen(true)] string? text, string list, out Cursor cursor)
    {
        Span<byte> payload = stackalloc byte[PayloadLength];
        if (string.IsNullOrEmpty(text) || !_signed.TryVerify(text, payload, list))
        {
            cursor = default;
            return false;
        }

        cursor = new Cursor(
            BinaryPrimitives.ReadInt64BigEndian(payload),
            new WalPosition(BinaryPrimitives.ReadUInt32BigEndian(payload[8..]), new Lsn(BinaryPrimitives.ReadUInt64BigEndian(payload[12..]))));
        return true;
    }
}
