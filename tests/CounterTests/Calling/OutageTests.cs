using System.Diagnostics;
using System.Net;
using Floodgate.CounterTests.Running;
using Floodgate.Messaging;
using Floodgate.Messaging.Counters;
using Floodgate.Redis;

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
    public async Task While_the_broker_is_in_alarm_the_answer_is_503_within_a_second_then_at_once_and_writes_go_on_afterwards()
    {
        await using var counter = await ServiceProcess.StartCounterAsync(servers);
        await counter.Http.AddAsync(7, "test/alarm", 1).JsonAsync(HttpStatusCode.Accepted);
        await servers.SetAlarmAsync(on: true);
        try
        {
            var first = Stopwatch.GetTimestamp();
            using var unknown = await counter.Http.AddAsync(7, "test/alarm", 1);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, unknown.StatusCode);
            Assert.InRange(Stopwatch.GetElapsedTime(first).TotalSeconds, 0, 1.5);

            // Also of other partitions, as the connection is known to be blocked; no envelope is used up.
            var before = await SequencesAsync(counter);
            var then = Stopwatch.GetTimestamp();
            var refused = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => counter.Http.AddAsync(7, $"test/alarm{i}", 1)));
            Assert.All(refused, answer => Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode));
            Assert.All(refused, answer => Assert.NotNull(answer.Headers.RetryAfter));
            Assert.InRange(Stopwatch.GetElapsedTime(then).TotalSeconds, 0, 0.7);
            Assert.Equal(before, await SequencesAsync(counter));
        }
        finally
        {
            await servers.SetAlarmAsync(on: false);
        }

        await Wait.UntilAsync(
            async () => (await counter.Http.AddAsync(7, "test/alarm", 1)).StatusCode == HttpStatusCode.Accepted, "writes go on");
    }

    [Fact]
    public async Task A_queue_that_somebody_deleted_is_declared_again_and_meanwhile_nothing_is_acknowledged()
    {
        const int partitions = 40;
        await using var counter = await ServiceProcess.StartCounterAsync(servers, ("Floodgate__Counters__Partitions", "40"));
        var key = Enumerable.Range(0, 1000).Select(i => $"deleted{i}")
            .First(key => CounterPartition.Of(new CounterId("test", key), partitions) == partitions - 1);
        await using var channel = await servers.Broker.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
        await channel.QueueDeleteAsync(QueueTopology.CounterFlush(partitions - 1), false, false, cancellationToken: TestContext.Current.CancellationToken);

        using (var lost = await counter.Http.AddAsync(7, $"test/{key}", 1))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, lost.StatusCode);
        }

        await Wait.UntilAsync(
            async () => (await counter.Http.AddAsync(7, $"test/{key}", 1)).StatusCode == HttpStatusCode.Accepted, "the queue is there again");
        Assert.Equal(1u, await channel.MessageCountAsync(QueueTopology.CounterFlush(partitions - 1), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Without_Redis_writes_are_acknowledged_without_a_value_and_reads_come_from_the_database()
    {
        var key = Guid.NewGuid().ToString("N");
        await using var flush = await ServiceProcess.StartFlushAsync(
            servers, ("ConnectionStrings__redis", Nowhere), ("Floodgate__Counters__ReconcilePatience", "00:00:00"));
        await using var counter = await ServiceProcess.StartCounterAsync(servers, ("ConnectionStrings__redis", Nowhere));

        var added = await counter.Http.AddAsync(7, $"test/{key}", 4).JsonAsync(HttpStatusCode.Accepted);
        var started = Stopwatch.GetTimestamp();
        var liked = await counter.Http.LikeAsync(902, 21).JsonAsync();

        // Where Redis did not hear of the like, others may remember an older state until they know of the raised epoch.
        Assert.InRange(Stopwatch.GetElapsedTime(started), GenerationWatch.HeardAfter, TimeSpan.FromSeconds(10));
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

    private static async Task<List<long>> SequencesAsync(ServiceProcess counter) =>
        [.. (await counter.Http.GetJsonAsync("/internal/status")).GetProperty("partitions").EnumerateArray().Select(of => of.GetProperty("sequence").GetInt64())];
}
