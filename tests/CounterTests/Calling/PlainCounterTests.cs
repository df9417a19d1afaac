using System.Globalization;
using System.Net;
using Floodgate.CounterTests.Running;

namespace Floodgate.CounterTests.Calling;

public sealed class PlainCounterTests(Servers servers, Services services) : IClassFixture<Services>
{
    private readonly HttpClient _http = services.Http;

    [Fact]
    public async Task Additions_show_at_once_and_are_flushed()
    {
        var key = NewKey();
        Assert.Equal(5, await AddAsync(key, 5));
        Assert.Equal(3, await AddAsync(key, -2));
        Assert.Equal(3, await ReadAsync(key));
        await _http.DrainAsync();
        Assert.Equal(3, await FlushedAsync(key));
        Assert.Equal(3, await ReadAsync(key));
    }

    [Fact]
    public async Task A_request_with_an_idempotency_key_counts_once()
    {
        var key = NewKey();
        Assert.Equal(5, await AddAsync(key, 5, "once-" + key));
        Assert.Equal(5, await AddAsync(key, 5, "once-" + key));

        // Also without the memory of Redis; what is shown is right after the flush.
        await servers.FlushRedisAsync();
        await AddAsync(key, 5, "once-" + key);
        await _http.DrainAsync();

        Assert.Equal(5, await FlushedAsync(key));
        Assert.Equal(5, await ReadAsync(key));
    }

    [Fact]
    public async Task An_idempotency_key_of_another_request_is_a_conflict()
    {
        var key = NewKey();
        await AddAsync(key, 5, "conflict-" + key);

        await _http.AddAsync(7, $"test/{key}", 6, "conflict-" + key).JsonAsync(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task An_idempotency_key_that_only_the_database_knows_is_a_repeat_or_a_conflict()
    {
        var key = NewKey();
        await servers.ExecuteAsync($"""
            INSERT INTO counter_requests (user_id, key, counter_name, counter_key, amount)
            VALUES (7, 'same-{key}', 'test', '{key}', 5), (7, 'other-{key}', 'test', '{key}', 6), (7, 'old-{key}', NULL, NULL, NULL)
            """);

        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(0, await AddAsync(key, 5, "same-" + key));
            Assert.Equal(0, await AddAsync(key, 5, "old-" + key));
            await _http.AddAsync(7, $"test/{key}", 5, "other-" + key).JsonAsync(HttpStatusCode.Conflict);
        }

        await _http.DrainAsync();
        Assert.Equal(0, await FlushedAsync(key));
    }

    [Fact]
    public async Task Two_instances_with_one_idempotency_key_at_once_count_it_once()
    {
        await using var other = await ServiceProcess.StartCounterAsync(servers);
        await Wait.UntilAsync(
            async () => (await other.Http.AddAsync(7, "test/start", 1).JsonAsync(HttpStatusCode.Accepted)).TryGetProperty("value", out _), "values are shown");
        for (var round = 0; round < 5; round++)
        {
            var key = NewKey();
            var answers = await Task.WhenAll(Enumerable.Range(0, 20)
                .Select(i => (i % 2 == 0 ? _http : other.Http).AddAsync(7, $"test/{key}", 5, "both-" + key).JsonAsync(HttpStatusCode.Accepted)));
            Assert.Equal(5, answers.Max(answer => answer.GetProperty("value").GetInt64()));
            await _http.DrainAsync();

            Assert.Equal(5, await FlushedAsync(key));
            Assert.Equal(5, await ReadAsync(key));
        }
    }

    [Theory]
    [InlineData("test/k", "0", null, "by")]
    [InlineData("test/k", "1000001", null, "by")]
    [InlineData("test/k", "1.5", null, "by")]
    [InlineData("test/k", "\"x\"", null, "by")]
    [InlineData("test/k", "", null, "by")]
    [InlineData("@likes/1", "1", null, "name")]
    [InlineData("te%20st/k", "1", null, "name")]
    [InlineData("test/k%2Bx", "1", null, "key")]
    [InlineData("test/k", "1", "a b", "Idempotency-Key")]
    public async Task Bad_input_is_named(string counter, string by, string? idempotencyKey, string field)
    {
        var problem = await _http.AddAsync(7, counter, by, idempotencyKey).JsonAsync(HttpStatusCode.BadRequest);

        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    [Fact]
    public async Task Five_hundred_counters_are_read_at_once_and_more_are_refused()
    {
        var key = NewKey();
        await AddAsync(key, 9);
        var keys = string.Join(',', Enumerable.Range(0, 499).Select(i => $"none{i}"));

        var values = await _http.GetJsonAsync($"/counters/test?keys={keys},{key}");

        Assert.Equal(500, values.EnumerateObject().Count());
        Assert.Equal(9, values.GetProperty(key).GetInt64());
        using var refused = await _http.GetAsync($"/counters/test?keys={keys},{key},onemore", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task Losing_Redis_in_the_middle_ends_with_right_values_within_a_flush_interval()
    {
        var keys = Enumerable.Range(0, 5).Select(_ => NewKey()).ToArray();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        var added = 0;
        var writers = Enumerable.Range(0, 20).Select(async i =>
        {
            while (!stop.IsCancellationRequested)
            {
                using var answer = await _http.AddAsync(7, $"test/{keys[i % keys.Length]}", 1);
                Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
                Interlocked.Increment(ref added);
            }
        }).ToArray();
        for (var i = 1; i <= 5; i++)
        {
            var until = i * 200;
            await Wait.UntilAsync(() => Task.FromResult(Volatile.Read(ref added) >= until), "writes go on");
            await servers.FlushRedisAsync();
        }

        await Task.WhenAll(writers);
        await _http.DrainAsync();

        var shown = 0L;
        foreach (var key in keys)
        {
            Assert.Equal(await FlushedAsync(key), await ReadAsync(key));
            shown += await ReadAsync(key);
        }

        Assert.Equal(added, shown);
    }

    private static string NewKey() => Guid.NewGuid().ToString("N");

    private async Task<long> AddAsync(string key, long by, string? idempotencyKey = null) =>
        (await _http.AddAsync(7, $"test/{key}", by.ToString(CultureInfo.InvariantCulture), idempotencyKey).JsonAsync(HttpStatusCode.Accepted))
            .GetProperty("value").GetInt64();

    private async Task<long> ReadAsync(string key) => (await _http.GetJsonAsync($"/counters/test?keys={key}")).GetProperty(key).GetInt64();

    private Task<long> FlushedAsync(string key) =>
        servers.ScalarAsync<long>($"SELECT coalesce(sum(value), 0)::bigint FROM counter_slots WHERE name = 'test' AND key = '{key}'");
}
