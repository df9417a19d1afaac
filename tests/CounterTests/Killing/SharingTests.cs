using System.Text.Json;
using Floodgate.CounterTests.Running;
using Floodgate.FlushWorker.Sharing;

namespace Floodgate.CounterTests.Killing;

public sealed class SharingTests(Servers servers)
{
    private const int Partitions = 8;

    [Fact]
    public async Task Two_workers_share_the_partitions_and_one_that_is_killed_is_taken_over_and_gets_its_share_again()
    {
        await servers.ExecuteAsync("DELETE FROM flush_workers");
        await using var counter = await ServiceProcess.StartCounterAsync(servers);
        await using var first = await ServiceProcess.StartFlushAsync(servers);
        await Wait.UntilAsync(async () => await ConsumedAsync(first) == Partitions, "one worker has all partitions");
        await using var second = await ServiceProcess.StartFlushAsync(servers);
        await SharedAsync(first, second);
        var load = new LikeLoad([counter.Http], users: 40, firstUser: 600_000, [36, 37, 38]);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = load.RunAsync(stop.Token);
        await MoreAsync(load);

        await second.KillAsync();

        // Long before the dead one counts as dead: nobody consumes, so somebody else does.
        await Wait.UntilAsync(async () => await ConsumedAsync(first) == Partitions, "the other has taken over", seconds: 8);
        Assert.Equal(2, (await first.Http.GetJsonAsync("/internal/status")).GetProperty("workers").GetInt32());
        await MoreAsync(load);
        await second.StartAsync();
        await SharedAsync(first, second);
        await MoreAsync(load);

        await stop.CancelAsync();
        await running;
        await counter.Http.DrainAsync();
        await load.CheckAsync(servers);
        foreach (var post in new long[] { 36, 37, 38 })
        {
            var (reactions, slots, visible) = await counter.Http.LikesAsync(post);
            Assert.Equal((reactions, reactions), (slots, visible));
        }
    }

    [Theory]
    [InlineData(8, 1)]
    [InlineData(8, 2)]
    [InlineData(8, 3)]
    [InlineData(64, 5)]
    [InlineData(3, 5)]
    public void Partitions_are_shared_evenly_and_few_move_when_a_worker_goes(int partitions, int workers)
    {
        var random = new Random(5);
        for (var round = 0; round < 50; round++)
        {
            var alive = Enumerable.Range(0, workers).Select(_ => NewGuid(random)).ToList();
            var owners = PartitionShares.Assign(partitions, alive);
            var shuffled = alive.ToArray();
            random.Shuffle(shuffled);
            Assert.Equal(owners, PartitionShares.Assign(partitions, shuffled));
            var counts = alive.ConvertAll(worker => owners.Count(owner => owner == worker));
            Assert.InRange(counts.Max(), 1, (partitions + workers - 1) / workers);
            if (workers > 1)
            {
                var left = PartitionShares.Assign(partitions, alive.Skip(1).ToList());
                var moved = owners.Zip(left).Count(pair => pair.First != pair.Second);
                Assert.InRange(moved, counts[0], (partitions / 2) + counts[0] + 1);
            }
        }
    }

    private static Guid NewGuid(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }

    private static Task SharedAsync(ServiceProcess first, ServiceProcess second) => Wait.UntilAsync(
        async () => await ConsumedAsync(first) == Partitions / 2 && await ConsumedAsync(second) == Partitions / 2, "each has half of the partitions", seconds: 40);

    private static async Task MoreAsync(LikeLoad load)
    {
        var enough = load.Acknowledged + 300;
        await Wait.UntilAsync(() => Task.FromResult(load.Acknowledged >= enough), "likes go on");
    }

    private static async Task<int> ConsumedAsync(ServiceProcess worker) =>
        (await worker.Http.GetJsonAsync("/internal/status")).GetProperty("partitions").EnumerateArray().Count(IsConsumed);

    private static bool IsConsumed(JsonElement partition) => partition.GetProperty("consuming").GetBoolean();
}
