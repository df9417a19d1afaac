using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Floodgate.TimelineTests.Histories;

/// <summary>
/// Random users with random follows post, edit, delete, follow, unfollow, read, go away and come back, while jobs are delivered again, pull ranges open and
/// close and the threshold falls: every user sees the own writes at once, and in the end every timeline is what SQL says, page by page. The histories of a
/// seed are the same, what meets what is up to the machine (see <see cref="HistorySeeds"/>).
/// </summary>
public sealed class HistoryTests(Servers servers, ITestOutputHelper output)
{
    private const int MostShown = 3;
    private const int EnoughForAll = 100;

    [Fact]
    public async Task Every_history_ends_with_every_timeline_equal_to_the_definition_in_SQL()
    {
        using var coverage = new HistoryCoverage();
        await using var world = await HistoryWorld.StartAsync(servers);
        var failures = new ConcurrentQueue<string>();
        var (began, runs) = (Stopwatch.GetTimestamp(), 0);
        await Parallel.ForEachAsync(
            HistorySeeds.All,
            new ParallelOptions { MaxDegreeOfParallelism = HistorySeeds.AtOnce, CancellationToken = TestContext.Current.CancellationToken },
            async (seed, _) =>
            {
                if (failures.Count < MostShown && await History.RunAsync(world, seed) is { } failure)
                {
                    failures.Enqueue(failure);
                }

                Interlocked.Increment(ref runs);
            });
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{runs} histories, {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s, {world.Refusals} refusals: {coverage}"));
        Assert.True(failures.IsEmpty, string.Join('\n', failures.Take(MostShown)));
        Assert.True(runs < EnoughForAll || !coverage.Missing.Any(), $"Nothing went this way: {string.Join(", ", coverage.Missing)}.");
    }
}
