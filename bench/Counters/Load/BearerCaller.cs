using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Floodgate.Bench.Counters.Load;

/// <summary>
/// As a client tells the gateway: a JSON Web Token (RFC 7519) signed with HMAC-SHA-256. The bench makes them itself, as it
/// needs one for each of many thousand users.
/// </summary>
internal sealed class BearerCaller : ICaller
{
    private const string Head = """{"alg":"HS256","typ":"JWT"}""";
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(2);

    private readonly byte[] _key;
    private readonly byte[] _head;
    private readonly byte[] _claims;

    /// <summary>Prepares what all tokens share.</summary>
    /// <param name="key">The key the gateway checks them with.</param>
    /// <param name="time">The clock.</param>
    public BearerCaller(string key, TimeProvider time)
    {
        _key = Encoding.UTF8.GetBytes(key);
        _head = Encoding.ASCII.GetBytes(Base64Url.EncodeToString(Encoding.ASCII.GetBytes(Head)) + ".");
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var until = now + (long)Lifetime.TotalSeconds;
        _claims = Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"\",\"iss\":\"floodgate\",\"aud\":\"floodgate\",\"iat\":{now},\"nbf\":{now},\"exp\":{until}}}"));
    }

    /// <inheritdoc/>
    public string Header => "Authorization: Bearer ";

    /// <inheritdoc/>
    public int Write(long user, Span<byte> into)
    {
        // {"sub":"42" and the other claims, which never change.
        Span<byte> claims = stackalloc byte[_claims.Length + 32];
        var subject = "{\"sub\":\""u8;
        subject.CopyTo(claims);
        Utf8Formatter.TryFormat(user, claims[subject.Length..], out var digits);
        _claims.CopyTo(claims[(subject.Length + digits)..]);

        _head.CopyTo(into);
        var signed = _head.Length + Base64Url.EncodeToUtf8(claims[..(subject.Length + digits + _claims.Length)], into[_head.Length..]);
        Span<byte> signature = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, into[..signed], signature);
        into[signed] = (byte)'.';
        return signed + 1 + Base64Url.EncodeToUtf8(signature, into[(signed + 1)..]);
    }
}
