using System.Net;
using System.Text.Json;
using Floodgate.CounterTests.Running;

namespace Floodgate.CounterTests.Calling;

public sealed class RankingTests(Servers servers, Services services) : IClassFixture<Services>
{
    [Fact]
    public async Task The_counters_that_were_added_to_most_lead_the_ranking()
    {
        var name = "rank-" + Guid.NewGuid().ToString("N");
        await Task.WhenAll(
            services.Http.AddAsync(7, $"{name}/low", 3), services.Http.AddAsync(7, $"{name}/high", 40),
            services.Http.AddAsync(7, $"{name}/middle", 20), services.Http.AddAsync(7, $"{name}/middle", 1),
            services.Http.AddAsync(7, $"{name}/negative", -5));
        await services.Http.DrainAsync();

        await Wait.UntilAsync(
            async () => await KeysAsync($"/counters/{name}/top?window=5m") is ["high 40", "middle 21", "low 3"], "the ranking is complete");
        Assert.Equal(["high 40", "middle 21"], await KeysAsync($"/counters/{name}/top?k=2"));
    }

    [Fact]
    public async Task What_was_added_before_the_window_is_not_in_it()
    {
        var name = "rank-" + Guid.NewGuid().ToString("N");
        await servers.ExecuteAsync($"""
            INSERT INTO counter_minutes (name, minute, key, partition, amount) VALUES
                ('{name}', date_trunc('minute', now() - interval '10 minutes'), 'new', 0, 1),
                ('{name}', date_trunc('minute', now() - interval '2 hours'), 'old', 0, 5),
                ('{name}', date_trunc('minute', now() - interval '2 hours'), 'old', 1, 5);
            INSERT INTO counter_hours (name, hour, key, partition, amount) VALUES
                ('{name}', date_trunc('hour', now() - interval '20 hours'), 'older', 0, 100)
            """);

        await Wait.UntilAsync(async () => await KeysAsync($"/counters/{name}/top?window=2d") is ["older 100", "old 10", "new 1"], "two days");
        Assert.Equal(["old 10", "new 1"], await KeysAsync($"/counters/{name}/top?window=3h"));
        Assert.Equal(["new 1"], await KeysAsync($"/counters/{name}/top"));
        Assert.Empty(await KeysAsync($"/counters/{name}/top?window=2m"));
    }

    [Fact]
    public async Task Likes_are_ranked_too()
    {
        await services.Http.LikeAsync(7100, 161);
        await services.Http.LikeAsync(7101, 161);
        await services.Http.DrainAsync();

        await Wait.UntilAsync(
            async () => (await KeysAsync("/counters/@likes/top?k=100")).Contains("161 2"), "the post is in the ranking");
    }

    [Fact]
    public async Task A_history_has_every_bucket_of_the_window()
    {
        var name = "history-" + Guid.NewGuid().ToString("N");
        await services.Http.AddAsync(7, $"{name}/key", 3);
        await services.Http.DrainAsync();

        await Wait.UntilAsync(
            async () => (await HistoryAsync($"/counters/{name}/key/history?window=10m")).Sum(of => of.GetProperty("value").GetInt64()) == 3, "it is in the history");
        var items = await HistoryAsync($"/counters/{name}/key/history?window=10m");
        Assert.Equal(11, items.Length);
        Assert.All(items.Zip(items.Skip(1)), pair => Assert.Equal(
            pair.First.GetProperty("start").GetDateTimeOffset().AddMinutes(1), pair.Second.GetProperty("start").GetDateTimeOffset()));
    }

    [Theory]
    [InlineData("/counters/test/top?window=1y", "window")]
    [InlineData("/counters/test/top?k=0", "k")]
    [InlineData("/counters/test/top?k=101", "k")]
    [InlineData("/counters/t%20t/top", "name")]
    [InlineData("/counters/@other/top", "name")]
    [InlineData("/counters/test/a%20b/history", "key")]
    public async Task A_wrong_question_is_told_which_field_is_wrong(string path, string field)
    {
        using var answer = await services.Http.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    private async Task<string[]> KeysAsync(string path) =>
        [.. (await services.Http.GetJsonAsync(path)).GetProperty("items").EnumerateArray()
            .Select(of => $"{of.GetProperty("key").GetString()} {of.GetProperty("value").GetInt64()}")];

    private async Task<JsonElement[]> HistoryAsync(string path) => [.. (await services.Http.GetJsonAsync(path)).GetProperty("items").EnumerateArray()];
}
