using System.Collections.Concurrent;
using Floodgate.Bench.Replay;

namespace Floodgate.BenchTests.Replay;

public sealed class ReplaySchedulerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task Every_action_runs_once_after_those_it_depends_on(int concurrency)
    {
        var plan = RandomPlan(users: 40, activities: 3_000);
        var done = new int[plan.Actions.Count];
        var lastOfUser = new ConcurrentDictionary<int, int>();
        var wrong = new ConcurrentQueue<string>();
        await Run(plan, double.PositiveInfinity, concurrency).RunAsync(
            async (i, _) =>
            {
                var action = plan.Actions[i];
                if (lastOfUser.TryGetValue(action.User, out var before) && before > i) wrong.Enqueue($"{i} of user {action.User} after {before}");
                lastOfUser[action.User] = i;
                if (action.Target >= 0 && Volatile.Read(ref done[action.Target]) == 0) wrong.Enqueue($"like {i} before post {action.Target}");
                await Task.Yield();
                Interlocked.Increment(ref done[i]);
            },
            Timeout());

        Assert.Empty(wrong);
        Assert.All(done, n => Assert.Equal(1, n));
    }

    [Fact]
    public async Task A_user_never_does_two_things_at_once_while_different_users_do()
    {
        var plan = RandomPlan(users: 20, activities: 1_000);
        var active = new int[20];
        var overlaps = 0;
        var atOnce = 0;
        var most = 0;
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await Run(plan, double.PositiveInfinity, 8).RunAsync(
            async (i, token) =>
            {
                if (Interlocked.Increment(ref active[plan.Actions[i].User]) > 1) Interlocked.Increment(ref overlaps);
                var now = Interlocked.Increment(ref atOnce);
                InterlockedMax(ref most, now);

                // The first few wait for each other: nothing goes on unless several users act at the same time.
                if (now >= 4) gate.TrySetResult();
                await gate.Task.WaitAsync(Limit, token);
                Interlocked.Decrement(ref atOnce);
                Interlocked.Decrement(ref active[plan.Actions[i].User]);
            },
            Timeout());

        Assert.Equal(0, overlaps);
        Assert.InRange(most, 4, 8);
    }

    [Fact]
    public async Task A_user_who_waits_holds_up_nobody_else()
    {
        // User 0 acts first and often; the window is full of its waiting actions, and still the others come through.
        var actions = Enumerable.Range(0, 60).Select(i => new ReplayAction(i < 30 ? 0 : i, ActionKind.Post, false, 0, -1, -1)).ToArray();
        var others = new CountdownEvent(30);
        await Run(new ReplayPlan(actions, []), double.PositiveInfinity, 2).RunAsync(
            async (i, token) =>
            {
                if (i >= 30) others.Signal();
                else if (i == 0) await Task.Run(() => Assert.True(others.Wait(Limit, token)), token);
            },
            Timeout());

        Assert.True(others.IsSet);
    }

    [Fact]
    public async Task Nothing_runs_before_its_time()
    {
        // 4 s of activity at 20 times real time.
        var actions = Enumerable.Range(0, 5).Select(i => new ReplayAction(i, ActionKind.Post, false, i, -1, -1)).ToArray();
        var began = TimeProvider.System.GetTimestamp();
        var at = new TimeSpan[5];
        var scheduler = Run(new ReplayPlan(actions, []), 20, 4);
        await scheduler.RunAsync(
            (i, _) =>
            {
                at[i] = TimeProvider.System.GetElapsedTime(began);
                return Task.CompletedTask;
            },
            Timeout());

        for (var i = 0; i < 5; i++) Assert.True(at[i] >= TimeSpan.FromMilliseconds(50 * i), $"action {i} at {at[i]}");
        Assert.Equal(5, scheduler.Behind.Count);
    }

    [Fact]
    public async Task A_fault_ends_the_run_and_is_the_one_that_is_thrown()
    {
        var plan = RandomPlan(users: 10, activities: 1_000);
        var fault = await Assert.ThrowsAsync<InvalidDataException>(() => Run(plan, double.PositiveInfinity, 4).RunAsync(
            async (i, token) =>
            {
                if (i == 50) throw new InvalidDataException("the fiftieth");
                if (i > 60) await Task.Delay(Limit, TimeProvider.System, token);
            },
            Timeout()));

        Assert.Equal("the fiftieth", fault.Message);
    }

    [Fact]
    public async Task An_empty_plan_ends_at_once()
    {
        await Run(new ReplayPlan([], []), 1000, 4).RunAsync((_, _) => Task.CompletedTask, Timeout());
    }

    private static ReplayScheduler Run(ReplayPlan plan, double speed, int concurrency) => new(plan, speed, concurrency, TimeProvider.System);

    private static CancellationToken Timeout() =>
        CancellationTokenSource.CreateLinkedTokenSource(new CancellationTokenSource(Limit).Token, TestContext.Current.CancellationToken).Token;

    private static ReplayPlan RandomPlan(int users, int activities)
    {
        var random = new Random(3);
        var lines = Enumerable.Range(0, activities)
            .Select(i => new Activity(random.Next(users), random.Next(users), i, (ActivityKind)random.Next(3)))
            .ToArray();
        return Planner.Create(lines, users, 0, random);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        var seen = Volatile.Read(ref target);
        while (value > seen && Interlocked.CompareExchange(ref target, value, seen) is var found && found != seen) seen = found;
    }
}
