using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace Floodgate.Sessions;

/// <summary>Names a post that was accepted and is not published yet.</summary>
/// <param name="User">Who wrote it, and may ask for it.</param>
/// <param name="Message">The id of its message.</param>
/// <param name="AcceptedAt">When it was accepted, by the clock of the service; kept to the millisecond.</param>
public sealed record PendingPostId(long User, Guid Message, DateTimeOffset AcceptedAt);

/// <summary>Signs the ids of pending posts and believes only those it signed. They do not expire. Safe for concurrent use.</summary>
/// <param name="options">The keys.</param>
public sealed class PendingPostCodec(IOptions<SessionOptions> options)
{
    // user (8) | message (16) | accepted at, Unix milliseconds (8), all big-endian
    private const int PayloadLength = 8 + 16 + 8;

    private readonly SignedText _signed = new(options.Value, "pending");

    /// <summary>Writes the id as base64url text of 66 characters.</summary>
    public string Write(PendingPostId id)
    {
        ArgumentNullException.ThrowIfNull(id);
        Span<byte> payload = stackalloc byte[PayloadLength];
        BinaryPrimitives.WriteInt64BigEndian(payload, id.User);
        id.Message.TryWriteBytes(payload[8..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(payload[24..], id.AcceptedAt.ToUnixTimeMilliseconds());
        return _signed.Sign(payload);
    }

    /// <summary>Reads an id.</summary>
    /// <returns>Whether the text is an id that this system signed.</returns>
    public bool TryRead([NotNullWhen(true)] string? text, [NotNullWhen(true)] out PendingPostId? id)
    {
        Span<byte> payload = stackalloc byte[PayloadLength];
        if (string.IsNullOrEmpty(text) || !_signed.TryVerify(text, payload))
        {
            id = null;
            return false;
        }

        id = new PendingPostId(
            BinaryPrimitives.ReadInt64BigEndian(payload),
            new Guid(payload.Slice(8, 16), bigEndian: true),
            DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(payload[24..])));
        return true;
    }
}
