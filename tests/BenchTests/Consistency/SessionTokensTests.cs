using Floodgate.Bench.Consistency.Load;

namespace Floodgate.BenchTests.Consistency;

public sealed class SessionTokensTests
{
    private readonly SessionTokens _tokens = new();

    [Fact]
    public void An_answer_brings_the_one_token_that_stands_for_all_before()
    {
        _tokens.Answered("a");
        _tokens.Adopt(["b"]);
        Assert.Equal("a b", string.Join(' ', _tokens.Held));
        _tokens.Answered("c");
        Assert.Equal("c", Assert.Single(_tokens.Held));
    }

    [Fact]
    public void A_token_that_is_held_already_takes_no_room()
    {
        _tokens.Answered("a");
        _tokens.Adopt(["a"]);
        Assert.Equal("a", Assert.Single(_tokens.Held));
    }

    [Fact]
    public void There_is_room_for_one_in_the_cookie_and_one_in_the_header()
    {
        _tokens.Answered("a");
        Assert.True(_tokens.CanAdopt(["b"]));
        _tokens.Adopt(["b"]);
        Assert.False(_tokens.CanAdopt(["c"]));
        Assert.True(_tokens.CanAdopt(["b"]));
    }
}
