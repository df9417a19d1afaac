using System.Diagnostics;
using System.Net;
using Floodgate.CounterTests.Running;

namespace Floodgate.CounterTests.Calling;

public sealed class OutageTests(Servers servers)
{
    // Nothing listens on port 1.
    private const string Nowhere = "127.0.0.1:1";

    [Fact]
    public async Task Without_a_broker_nothing_is_acknowledged_and_the_answer_comes_within_a_second()
    {
        await using var counter = await ServiceProcess.StartCounterAsync(
            servers, ("ConnectionStrings__rabbitmq", $"amqp://a:b@{Nowhere}"), ("unhealthy", "true"));
        await Wait.UntilAsync(async () => (await counter.Http.GetAsync("/posts/1")).StatusCode == HttpStatusCode.NotFound, "the service answers");
        (await counter.Http.LikeAsync(900, 20)).Dispose();

        var started = Stopwatch.GetTimestamp();
        using var like = await counter.Http.LikeAsync(901, 20);
        using var add = await counter.Http.AddAsync(901, "test/outage", 1);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, like.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, add.StatusCode);
        Assert.NotNull(like.Headers.RetryAfter);
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 2);
        Assert.False(await servers.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM reactions WHERE user_id = 901)"));
    }

    [Fact]
    public async Task Without_Redis_writes_are_acknowledged_without_a_value_and_reads_come_from_the_database()
    {
        var key = Guid.NewGuid().ToString("N");
        await using var flush = await ServiceProcess.StartFlushAsync(
            servers, ("ConnectionStrings__redis", Nowhere), ("Floodgate__Counters__ReconcilePatience", "00:00:00"));
        await using var counter = await ServiceProcess.StartCounterAsync(servers, ("ConnectionStrings__redis", Nowhere));

        var added = await counter.Http.AddAsync(7, $"test/{key}", 4).JsonAsync(HttpStatusCode.Accepted);
        var liked = await counter.Http.LikeAsync(902, 21).JsonAsync();
        Assert.False(added.TryGetProperty("value", out _));
        Assert.False(liked.TryGetProperty("likes", out _));
        Assert.True(liked.GetProperty("liked").GetBoolean());
        await counter.Http.DrainAsync();

        Assert.Equal(4, (await counter.Http.GetJsonAsync($"/counters/test?keys={key}")).GetProperty(key).GetInt64());
        var page = (await counter.Http.GetJsonAsync("/internal/likes?posts=21", user: 902)).GetProperty("21");
        Assert.Equal(1, page.GetProperty("likes").GetInt64());
        Assert.True(page.GetProperty("liked").GetBoolean());
    }

    [Fact]
    public async Task A_full_partition_answers_429_and_loses_nothing()
    {
        await using var flush = await ServiceProcess.StartFlushAsync(servers, ("Floodgate__Counters__Partitions", "1"));
        await using var counter = await ServiceProcess.StartCounterAsync(
            servers, ("Floodgate__Counters__Partitions", "1"), ("Floodgate__Counters__WaitingWrites", "5"),
            ("Floodgate__Counters__CoalesceWindow", "00:00:00.200"), ("Floodgate__Counters__EnvelopesInFlight", "1"));
        var key = Guid.NewGuid().ToString("N");

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => counter.Http.AddAsync(7, $"test/{key}", 1)));

        var accepted = answers.Count(answer => answer.StatusCode == HttpStatusCode.Accepted);
        var refused = answers.Where(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ToList();
        Assert.Equal(60, accepted + refused.Count);
        Assert.NotEmpty(refused);
        Assert.All(refused, answer => Assert.NotNull(answer.Headers.RetryAfter));
        await counter.Http.DrainAsync();
        Assert.Equal(accepted, (await counter.Http.GetJsonAsync($"/counters/test?keys={key}")).GetProperty(key).GetInt64());
    }
}
