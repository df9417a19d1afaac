using System.Collections.Concurrent;

namespace Floodgate.TimelineTests.Histories;

/// <summary>Histories during which Redis is stopped and comes back empty.</summary>
public sealed class HistoryLossTests(Servers servers)
{
    // Not those of the histories that keep Redis.
    private const int FirstSeed = 10_001;
    private const int Runs = 12;
    private const int Losses = 3;
    private const int StepsBetween = 60;

    [Fact]
    public async Task Histories_that_lose_Redis_end_no_different()
    {
        await using var world = await HistoryWorld.StartAsync(servers, losesRedis: true);
        var failures = new ConcurrentQueue<string>();
        var running = Task.WhenAll(Enumerable.Range(FirstSeed, Runs).Select(async seed =>
        {
            if (await History.RunAsync(world, seed) is { } failure)
            {
                failures.Enqueue(failure);
            }
        }));
        for (var loss = 1; loss <= Losses; loss++)
        {
            var next = loss * StepsBetween;
            await Eventually.BecomesAsync(() => Task.FromResult(world.Progress >= next || running.IsCompleted));
            Assert.False(running.IsCompleted && failures.IsEmpty, "The histories ended before Redis was lost.");
            await servers.StopAsync("redis");
            await servers.StartAsync("redis");
        }

        await running;
        Assert.True(failures.IsEmpty, string.Join('\n', failures));
    }
}
