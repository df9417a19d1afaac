using System.Buffers.Binary;
using Microsoft.Extensions.Options;

namespace Floodgate.Sessions;

/// <summary>Signs session tokens and believes only those it signed. Safe for concurrent use.</summary>
/// <param name="options">The keys and the lifetime.</param>
/// <param name="time">The clock a token's age is taken from.</param>
public sealed class SessionTokenCodec(IOptions<SessionOptions> options, TimeProvider time)
{
    // system id (8) | timeline (4) | LSN (8) | issued at, Unix milliseconds (8), all big-endian
    private const int PayloadLength = 8 + 4 + 8 + 8;

    // Clocks of two routers may differ by this much before a token counts as coming from the future.
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(1);

    private readonly SignedText _signed = new(options.Value, "session");
    private readonly TimeSpan _lifetime = options.Value.Lifetime;

    /// <summary>Writes the token as base64url text of 60 characters.</summary>
    public string Write(SessionToken token)
    {
        ArgumentNullException.ThrowIfNull(token);
        Span<byte> payload = stackalloc byte[PayloadLength];
        BinaryPrimitives.WriteUInt64BigEndian(payload, token.SystemId);
        BinaryPrimitives.WriteUInt32BigEndian(payload[8..], token.Position.Timeline);
        BinaryPrimitives.WriteUInt64BigEndian(payload[12..], token.Position.Lsn.Value);
        BinaryPrimitives.WriteInt64BigEndian(payload[20..], token.IssuedAt.ToUnixTimeMilliseconds());
        return _signed.Sign(payload);
    }

    /// <summary>Reads a token. Forged, truncated, expired or from the future: it is not a token.</summary>
    /// <returns>The token, or null where the text is not to be believed.</returns>
    public SessionToken? Read(string? text)
    {
        Span<byte> payload = stackalloc byte[PayloadLength];
        if (string.IsNullOrEmpty(text) || !_signed.TryVerify(text, payload))
        {
            return null;
        }

        var milliseconds = BinaryPrimitives.ReadInt64BigEndian(payload[20..]);
        var issuedAt = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        var age = time.GetUtcNow() - issuedAt;
        if (age > _lifetime || age < -ClockTolerance)
        {
            return null;
        }

        return new SessionToken(
            BinaryPrimitives.ReadUInt64BigEndian(payload),
            new WalPosition(BinaryPrimitives.ReadUInt32BigEndian(payload[8..]), new Lsn(BinaryPrimitives.ReadUInt64BigEndian(payload[12..]))),
            issuedAt);
    }
}
