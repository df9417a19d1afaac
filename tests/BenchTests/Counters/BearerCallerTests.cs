using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Floodgate.Bench.Counters.Load;

namespace Floodgate.BenchTests.Counters;

public sealed class BearerCallerTests
{
    private const string Key = "0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData(1)]
    [InlineData(9007199254740991)]
    public void A_token_names_its_user_and_is_signed(long user)
    {
        var bytes = new byte[1024];
        var parts = Encoding.ASCII.GetString(bytes, 0, new BearerCaller(Key, TimeProvider.System).Write(user, bytes)).Split('.');

        Assert.Equal(3, parts.Length);
        var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1])).RootElement;
        Assert.Equal(user.ToString(System.Globalization.CultureInfo.InvariantCulture), claims.GetProperty("sub").GetString());
        Assert.Equal("floodgate", claims.GetProperty("aud").GetString());
        Assert.True(claims.GetProperty("exp").GetInt64() > TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        var signature = HMACSHA256.HashData(Encoding.ASCII.GetBytes(Key), Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"));
        Assert.Equal(Base64Url.EncodeToString(signature), parts[2]);
    }
}
