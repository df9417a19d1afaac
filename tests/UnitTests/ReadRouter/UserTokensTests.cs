using Floodgate.ReadRouter.Authentication;
using Microsoft.Extensions.Options;

namespace Floodgate.UnitTests.ReadRouter;

public sealed class UserTokensTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public async Task A_token_speaks_for_its_user_until_it_expires()
    {
        var tokens = Tokens(new string('a', 32));
        var token = tokens.Create(42);

        Assert.Equal(42, await tokens.ReadAsync(token));
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(42, await tokens.ReadAsync(token));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await tokens.ReadAsync(token));
    }

    [Fact]
    public async Task A_token_of_another_key_audience_or_algorithm_speaks_for_nobody()
    {
        var tokens = Tokens(new string('a', 32));
        var unsigned = tokens.Create(42).Split('.');
        unsigned[0] = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";

        Assert.Null(await tokens.ReadAsync(Tokens(new string('b', 32)).Create(42)));
        Assert.Null(await tokens.ReadAsync(Tokens(new string('a', 32), audience: "elsewhere").Create(42)));
        Assert.Null(await tokens.ReadAsync($"{unsigned[0]}.{unsigned[1]}."));
        Assert.Null(await tokens.ReadAsync("nonsense"));
        Assert.Null(await tokens.ReadAsync(""));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1L << 53)]
    public async Task An_id_out_of_range_is_no_user(long id)
    {
        var tokens = Tokens(new string('a', 32));

        Assert.Null(await tokens.ReadAsync(tokens.Create(id)));
    }

    private UserTokens Tokens(string key, string audience = "floodgate") =>
        new(Options.Create(new BearerOptions { Key = key, Audience = audience }), _clock);
}
