using System.Threading.Channels;
using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.Replay;

/// <summary>
/// Runs a plan: each action when its time has come and what it depends on is done, so that a user's actions come one
/// after another and everything else at the same time.
/// </summary>
/// <param name="plan">The plan.</param>
/// <param name="speed">How many times faster than the original; infinity for as fast as it goes.</param>
/// <param name="concurrency">The most actions that run at once.</param>
/// <param name="time">The clock.</param>
internal sealed class ReplayScheduler(ReplayPlan plan, double speed, int concurrency, TimeProvider time)
{
    // Released and not finished: what waits in memory has a bound, however far the system falls behind. It cannot
    // block itself, as the earliest released action never waits for one that is not released.
    private readonly int _window = concurrency * 64;

    /// <summary>How long after their time the actions began. Always zero at unlimited speed.</summary>
    public LatencyHistogram Behind { get; } = new();

    /// <summary>Runs all actions.</summary>
    /// <param name="perform">Does the action with this index. What it throws ends the run.</param>
    /// <param name="cancellation">Ends the run.</param>
    public async Task RunAsync(Func<int, CancellationToken, Task> perform, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var room = new SemaphoreSlim(_window);
        var dependencies = new Dependencies(plan.Actions);
        var ready = Channel.CreateBounded<int>(_window);
        var finished = 0;
        var began = time.GetTimestamp();

        var tasks = new List<Task>(concurrency + 1) { GuardAsync(ReleaseAsync, stop) };
        for (var i = 0; i < concurrency; i++) tasks.Add(GuardAsync(WorkAsync, stop));
        await WhenAllOrFirstFaultAsync(tasks);

        async Task ReleaseAsync(CancellationToken token)
        {
            if (plan.Actions.Count == 0) ready.Writer.Complete();
            for (var i = 0; i < plan.Actions.Count; i++)
            {
                // Timers count whole milliseconds and may be over a little early.
                while (DueAt(i) - time.GetElapsedTime(began) is var early && early > TimeSpan.Zero)
                    await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(early.TotalMilliseconds)), time, token);
                await room.WaitAsync(token);
                if (dependencies.Release(i)) Enqueue(i);
            }
        }

        async Task WorkAsync(CancellationToken token)
        {
            await foreach (var action in ready.Reader.ReadAllAsync(token))
            {
                if (double.IsFinite(speed)) Behind.Record(time.GetElapsedTime(began) - DueAt(action));
                await perform(action, token);
                dependencies.Finish(action, Enqueue);
                room.Release();
                if (Interlocked.Increment(ref finished) == plan.Actions.Count) ready.Writer.Complete();
            }
        }

        void Enqueue(int action)
        {
            // There is room: the channel is as large as the window.
            if (!ready.Writer.TryWrite(action)) throw new InvalidOperationException("The window and the queue differ.");
        }
    }

    private TimeSpan DueAt(int action) =>
        double.IsFinite(speed) ? TimeSpan.FromSeconds(plan.Actions[action].Due / speed) : TimeSpan.Zero;

    private static async Task GuardAsync(Func<CancellationToken, Task> run, CancellationTokenSource stop)
    {
        try
        {
            await run(stop.Token);
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    // The fault that stopped the others, rather than their cancellation.
    private static async Task WhenAllOrFirstFaultAsync(List<Task> tasks)
    {
        var all = Task.WhenAll(tasks);
        try
        {
            await all;
        }
        catch (Exception) when (all.Exception is { } faults)
        {
            throw faults.InnerExceptions.FirstOrDefault(f => f is not OperationCanceledException) ?? faults.InnerExceptions[0];
        }
    }
}
