using System.Collections.Concurrent;
using Floodgate.SystemTests.Running;

namespace Floodgate.SystemTests.Chaos;

/// <summary>
/// Everything that holds or carries a write is killed with -9 at moments drawn by chance, while many users like, unlike
/// and count through the gateway. The chance is seeded: <c>FLOODGATE_CHAOS_SEED</c>, a whole number, gives the same
/// schedule of kills and the same wishes of the users again (what meets what is up to the machine).
/// </summary>
public sealed class ChaosTests(RunningSystem system, ITestOutputHelper output)
{
    private const string SeedVariable = "FLOODGATE_CHAOS_SEED";
    private const int Users = 300;
    private const int Posts = 5;

    private static readonly TimeSpan Load = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Recovery = TimeSpan.FromMinutes(2);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_acknowledged_is_in_PostgreSQL_and_shown_whatever_was_killed()
    {
        var seed = Environment.GetEnvironmentVariable(SeedVariable) is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : Environment.TickCount;
        output.WriteLine($"{SeedVariable}={seed}");
        using var gateway = system.Gateway();
        var users = await UsersAsync(gateway);
        var posts = await PostsAsync(users[0]);
        var random = new Random(seed);
        var time = TimeProvider.System;
        var report = new ChaosReport(output, time);
        var load = new ChaosLoad(users, posts, $"chaos-{Guid.NewGuid():N}", seed, report, time);
        var killer = new Killer(system, random, report, time);
        var flushedAgain = system.Traces.FlushedAgain();

        using var stop = new CancellationTokenSource();
        var running = load.RunAsync(stop.Token, Cancel);
        var schedule = Strike.Schedule(random, Load);
        try
        {
            await killer.RunAsync(schedule, Cancel);
            await GoesOnAsync(report, running);
        }
        finally
        {
            await stop.CancelAsync();
            await running;
        }

        report.Event("the load has ended");

        await new Verdict(system, load, users, users[0], posts, report).ReachAsync(Cancel);

        report.WriteRates();
        report.Event(
            $"{report.Total(Outcome.Refused)} calls refused, {report.Total(Outcome.Unknown)} unknown, {load.Likes.Unknown} pairs may be either, "
            + $"{system.Traces.FlushedAgain() - flushedAgain} envelopes flushed more than once");
        Assert.True(report.Faults.Count == 0, $"{SeedVariable}={seed}\n{string.Join('\n', report.Faults)}");
        Assert.Equal(schedule.Select(strike => strike.What).Order(StringComparer.Ordinal), killer.Back.Order(StringComparer.Ordinal));
        Assert.NotEqual(0, report.Total(Outcome.Unknown));
    }

    /// <summary>The load lasts on after the last comeback until it is clear that the system takes writes as before each kill.</summary>
    private static async Task GoesOnAsync(ChaosReport report, Task running)
    {
        var enough = report.Acknowledged + 500;
        await Eventually.HoldsAsync(() => Task.FromResult(report.Acknowledged), acknowledged => acknowledged >= enough || running.IsFaulted, Recovery, Cancel);
    }

    private async Task<IReadOnlyList<UserSession>> UsersAsync(HttpClient gateway)
    {
        var users = new ConcurrentBag<UserSession>();
        await Parallel.ForAsync(0, Users, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancel }, async (_, stop) =>
            users.Add(await system.NewUserAsync(gateway, stop)));
        return [.. users.OrderBy(user => user.Id)];
    }

    private static async Task<IReadOnlyList<long>> PostsAsync(UserSession author)
    {
        var posts = new List<long>();
        while (posts.Count < Posts)
        {
            posts.Add(await author.PostAsync("like me", Cancel));
        }

        return posts;
    }
}
