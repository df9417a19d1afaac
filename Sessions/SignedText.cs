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

    private readonly SigningKey _key;
    private readonly SigningKey? _previousKey;

    public SignedText(SessionOptions options, string purpose)
    {
        _key = Derive(options.Key, purpose);
        _previousKey = options.PreviousKey is { Length: > 0 } previous ? Derive(previous, purpose) : null;
    }

    /// <summary>Signs a payload.</summary>
    /// <param name="payload">At most 64 bytes.</param>
    /// <param name="context">What it is good for: not part of the text, and to be told again when it is verified.</param>
    public string Sign(ReadOnlySpan<byte> payload, string context = "")
    {
        Span<byte> buffer = stackalloc byte[KeyIdLength + MaximumPayload + MacLength];
        buffer = buffer[..(KeyIdLength + payload.Length + MacLength)];
        buffer[0] = _key.Id;
        payload.CopyTo(buffer[KeyIdLength..]);
        Mac(_key, buffer[..^MacLength], context, buffer[^MacLength..]);
        return Base64Url.EncodeToString(buffer);
    }

    /// <summary>Verifies a text and copies its payload out. The comparison takes constant time.</summary>
    public bool TryVerify(ReadOnlySpan<char> text, Span<byte> payload, string context = "")
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

        if (!IsSignedWith(_key, buffer, context) && (_previousKey is not { } previous || !IsSignedWith(previous, buffer, context)))
        {
            return false;
        }

        buffer[KeyIdLength..^MacLength].CopyTo(payload);
        return true;
    }

    private static bool IsSignedWith(SigningKey key, ReadOnlySpan<byte> signed, string context)
    {
        Span<byte> expected = stackalloc byte[MacLength];
        Mac(key, signed[..^MacLength], context, expected);
        return signed[0] == key.Id && CryptographicOperations.FixedTimeEquals(expected, signed[^MacLength..]);
    }

    private static SigningKey Derive(string secret, string purpose)
    {
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), 32, info: Encoding.UTF8.GetBytes("floodgate/" + purpose));
        return new SigningKey(new ThreadLocal<IncrementalHash>(() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key)), SHA256.HashData(key)[0]);
    }

    // The context follows as a hash, so that its length does not matter and no other data reads the same.
    private static void Mac(SigningKey key, ReadOnlySpan<byte> data, string context, Span<byte> destination)
    {
        Span<byte> all = stackalloc byte[KeyIdLength + MaximumPayload + SHA256.HashSizeInBytes];
        data.CopyTo(all);
        var length = data.Length;
        if (context.Length > 0)
        {
            length += SHA256.HashData(Encoding.UTF8.GetBytes(context), all[data.Length..]);
        }

        Span<byte> full = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var hash = key.Hash.Value!;
        hash.AppendData(all[..length]);
        hash.GetHashAndReset(full);
        full[..MacLength].CopyTo(destination);
    }

    // The hash is made ready with the key once a thread, as that takes as long as a short text. The id names the key without telling it: the first byte of a hash
    // of a derived key.
    private sealed record SigningKey(ThreadLocal<IncrementalHash> Hash, byte Id);
}
