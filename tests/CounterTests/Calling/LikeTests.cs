using System.Net;
using Floodgate.CounterTests.Running;

namespace Floodgate.CounterTests.Calling;

public sealed class LikeTests(Servers servers, Services services) : IClassFixture<Services>
{
    private readonly HttpClient _http = services.Http;

    [Fact]
    public async Task A_repeated_like_changes_nothing()
    {
        const long post = 1, user = 11;
        var before = (await _http.LikeAsync(user, post, liked: false).JsonAsync()).GetProperty("likes").GetInt64();
        for (var i = 0; i < 3; i++)
        {
            var answer = await _http.LikeAsync(user, post).JsonAsync();
            Assert.Equal(before + 1, answer.GetProperty("likes").GetInt64());
            Assert.True(answer.GetProperty("liked").GetBoolean());
        }

        var unliked = await _http.LikeAsync(user, post, liked: false).JsonAsync();
        Assert.Equal(before, unliked.GetProperty("likes").GetInt64());
        Assert.False(unliked.GetProperty("liked").GetBoolean());
        await _http.DrainAsync();
        Assert.Equal((before, before, before), await _http.LikesAsync(post));
    }

    [Fact]
    public async Task A_repeat_of_a_like_that_Redis_has_forgotten_shows_no_more()
    {
        const long post = 2, user = 12;
        var likes = (await _http.LikeAsync(user, post).JsonAsync()).GetProperty("likes").GetInt64();
        await _http.DrainAsync();
        await servers.FlushRedisAsync();

        var again = await _http.LikeAsync(user, post).JsonAsync();

        Assert.Equal(likes, again.GetProperty("likes").GetInt64());
        await _http.DrainAsync();
        Assert.Equal((likes, likes, likes), await _http.LikesAsync(post));
    }

    [Theory]
    [InlineData("777777", HttpStatusCode.NotFound)]
    [InlineData("1000", HttpStatusCode.NotFound)]
    [InlineData("abc", HttpStatusCode.BadRequest)]
    [InlineData("-1", HttpStatusCode.BadRequest)]
    [InlineData("9007199254740992", HttpStatusCode.BadRequest)]
    public async Task A_like_of_a_post_that_is_none_is_refused(string post, HttpStatusCode expected)
    {
        using var answer = await _http.LikeAsync(1, post);

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_page_of_posts_tells_the_likes_and_the_callers_own()
    {
        await _http.LikeAsync(13, 3).JsonAsync();
        await _http.LikeAsync(13, 4).JsonAsync();
        await _http.LikeAsync(13, 4, liked: false).JsonAsync();

        foreach (var forgotten in new[] { false, true })
        {
            var page = await _http.GetJsonAsync("/internal/likes?posts=3,4,5", user: 13);
            Assert.True(page.GetProperty("3").GetProperty("liked").GetBoolean());
            Assert.False(page.GetProperty("4").GetProperty("liked").GetBoolean());
            Assert.False(page.GetProperty("5").GetProperty("liked").GetBoolean());
            Assert.Equal(1, page.GetProperty("3").GetProperty("likes").GetInt64());
            await _http.DrainAsync();
            await servers.FlushRedisAsync();
            Assert.False(forgotten && page.GetProperty("5").GetProperty("likes").GetInt64() != 0);
        }
    }

    [Fact]
    public async Task Many_users_on_one_post_are_all_counted()
    {
        const long post = 6;
        var answers = await Task.WhenAll(Enumerable.Range(1000, 500).Select(user => _http.LikeAsync(user, post).JsonAsync()));

        Assert.Equal(500, answers.Max(answer => answer.GetProperty("likes").GetInt64()));
        await _http.DrainAsync();
        Assert.Equal((500, 500, 500), await _http.LikesAsync(post));
    }
}
