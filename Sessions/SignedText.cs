using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Floodgate.Sessions;

/// <summary>
/// Signs a short payload and writes it as base64url text: <c>key id (1) | payload | first 16 bytes of HMAC-SHA-256</c>.
/// Truncating to 128 bits follows RFC 2104, section 5. Each purpose ("session", "cursor") has a key of its own, derived
/// with HKDF (RFC 5869), so that a cursor can never pass for a token.
/// </summary>
internal sealed class SignedText
{
    private const int MacLength = 16;
    private const int KeyIdLength = 1;
    private const int MaximumPayload = 64;

    private readonly byte[] _key;
    private readonly byte[]? _previousKey;

    public SignedText(SessionOptions options, string purpose)
    {
        _key = Derive(options.Key, purpose);
        _previousKey = options.PreviousKey is { Length: > 0 } previous ? Derive(previous, purpose) : null;
    }

    public string Sign(ReadOnlySpan<byte> payload)
    {
        Span<byte> buffer = stackalloc byte[KeyIdLength + MaximumPayload + MacLength];
        buffer = buffer[..(KeyIdLength + payload.Length + MacLength)];
        buffer[0] = KeyId(_key);
        payload.CopyTo(buffer[KeyIdLength..]);
        Mac(_key, buffer[..^MacLength], buffer[^MacLength..]);
        return Base64Url.EncodeToString(buffer);
    }

    /// <summary>Verifies a text and copies its payload out. The comparison takes constant time.</summary>
    public bool TryVerify(ReadOnlySpan<char> text, Span<byte> payload)
    {
        var length = KeyIdLength + payload.Length + MacLength;
        Span<byte> buffer = stackalloc byte[KeyIdLength + MaximumPayload + MacLength];
        buffer = buffer[..length];
        if (text.Length != Base64Url.GetEncodedLength(length)
            || !Base64Url.IsValid(text, out var decoded) || decoded != length
            || !Base64Url.TryDecodeFromChars(text, buffer, out var written) || written != length)
        {
            return false;
        }

        if (!IsSignedWith(_key, buffer) && (_previousKey is null || !IsSignedWith(_previousKey, buffer)))
        {
            return false;
        }

        buffer[KeyIdLength..^MacLength].CopyTo(payload);
        return true;
    }

    private static bool IsSignedWith(byte[] key, ReadOnlySpan<byte> signed)
    {
        Span<byte> expected = stackalloc byte[MacLength];
        Mac(key, signed[..^MacLength], expected);
        return signed[0] == KeyId(key) && CryptographicOperations.FixedTimeEquals(expected, signed[^MacLength..]);
    }

    private static byte[] Derive(string secret, string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), 32, info: Encoding.UTF8.GetBytes("floodgate/" + purpose));

    // Names the key without telling it: the first byte of a hash of a derived key.
    private static byte KeyId(byte[] key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key, hash);
        return hash[0];
    }

    private static void Mac(byte[] key, ReadOnlySpan<byte> data, Span<byte> destination)
    {
        Span<byte> full = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, data, full);
        full[..MacLength].CopyTo(destination);
    }
}
