using System.Net;
using System.Text.Json;
using Floodgate.CounterTests.Running;
using Floodgate.Messaging;

namespace Floodgate.CounterTests.Calling;

/// <summary>One partition, so that what is said of it is said of every counter.</summary>
public sealed class LagTests(Servers servers)
{
    [Fact]
    public async Task A_flush_that_stands_still_widens_the_window_then_gives_429_and_its_return_ends_both()
    {
        await servers.EmptyAsync(0);
        await using var counter = await StartAsync(("Floodgate__Counters__WidenAbove", "00:00:00.500"), ("Floodgate__Counters__RefuseAbove", "00:00:04"));
        await counter.Http.AddAsync(7, "test/lag", 1).JsonAsync(HttpStatusCode.Accepted);

        await Wait.UntilAsync(async () => (await LagAsync(counter)).GetProperty("windowMilliseconds").GetDouble() > 2, "the window is wider");
        await counter.Http.AddAsync(7, "test/lag", 1).JsonAsync(HttpStatusCode.Accepted);

        await Wait.UntilAsync(async () => (await LagAsync(counter)).GetProperty("refusing").GetBoolean(), "writes are refused");
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => counter.Http.AddAsync(7, "test/lag", 1)));
        var refused = answers.Where(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ToList();
        Assert.InRange(refused.Count, 8, 10);
        Assert.All(refused, answer => Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60));

        await using var flush = await ServiceProcess.StartFlushAsync(servers, ("Floodgate__Counters__Partitions", "1"));
        await Wait.UntilAsync(
            async () => await LagAsync(counter) is var lag && !lag.GetProperty("refusing").GetBoolean() && lag.GetProperty("windowMilliseconds").GetDouble() <= 2,
            "the flush has caught up");
        await counter.Http.AddAsync(7, "test/lag", 1).JsonAsync(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task Everything_accepted_is_found_again_and_a_hole_in_the_ledger_or_an_emptied_queue_is_noticed()
    {
        await servers.EmptyAsync(0);
        await using var counter = await StartAsync(("Floodgate__Counters__AuditInterval", "00:00:00.300"));
        await using (await ServiceProcess.StartFlushAsync(servers, ("Floodgate__Counters__Partitions", "1")))
        {
            await AddAsync(counter, 5);
            await Wait.UntilAsync(async () => await AuditAsync(counter, "applied") == 5, "all five are applied");
            Assert.Equal((5, 0, 0, 0), (await AuditAsync(counter, "accepted"), await AuditAsync(counter, "pending"), await AuditAsync(counter, "parked"), await AuditAsync(counter, "missing")));
        }

        // The queue is emptied behind its back.
        await AddAsync(counter, 2);
        await servers.EmptyAsync(0);
        await using (await ServiceProcess.StartFlushAsync(servers, ("Floodgate__Counters__Partitions", "1")))
        {
            await AddAsync(counter, 1);
            await Wait.UntilAsync(async () => await AuditAsync(counter, "missing") == 2, "the two that were lost are missed");
            Assert.Equal((8, 6), (await AuditAsync(counter, "accepted"), await AuditAsync(counter, "applied")));
            using var health = await counter.Http.GetAsync("/health", TestContext.Current.CancellationToken);
            Assert.Equal("Degraded", await health.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

            // They turn up after all.
            var producer = (await PartitionAsync(counter)).GetProperty("producer").GetGuid();
            await servers.ExecuteAsync($"UPDATE flush_ledger SET applied = '{{[1,9)}}' WHERE producer = '{producer}'");
            await Wait.UntilAsync(async () => await AuditAsync(counter, "missing") == 0, "nothing is missed any more");
            Assert.Equal(8, await AuditAsync(counter, "applied"));
        }
    }

    private async Task<ServiceProcess> StartAsync(params (string Name, string Value)[] settings) => await ServiceProcess.StartCounterAsync(
        servers, [("Floodgate__Counters__Partitions", "1"), ("Floodgate__Counters__LagInterval", "00:00:00.100"), .. settings]);

    // One after the other: each is an envelope.
    private static async Task AddAsync(ServiceProcess counter, int writes)
    {
        for (var i = 0; i < writes; i++)
        {
            await counter.Http.AddAsync(7, "test/audit", 1).JsonAsync(HttpStatusCode.Accepted);
        }
    }

    private static async Task<JsonElement> PartitionAsync(ServiceProcess counter) =>
        (await counter.Http.GetJsonAsync("/internal/status")).GetProperty("partitions")[0];

    private static async Task<JsonElement> LagAsync(ServiceProcess counter) => (await PartitionAsync(counter)).GetProperty("lag");

    private static async Task<long> AuditAsync(ServiceProcess counter, string what) =>
        (await PartitionAsync(counter)).GetProperty("audit").GetProperty(what).GetProperty("envelopes").GetInt64();
}

internal static class Queues
{
    /// <summary>Empties the queue of a partition.</summary>
    public static async Task EmptyAsync(this Servers servers, int partition)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var channel = await servers.Broker.CreateChannelAsync(cancellationToken: cancellationToken);
        await QueueTopology.DeclareCounterFlushAsync(channel, partition, cancellationToken);
        await channel.QueuePurgeAsync(QueueTopology.CounterFlush(partition), cancellationToken);
    }
}
