namespace Floodgate.BenchTests;

/// <summary>The real clock, but waits of up to 6 s are over at once: back-off without the waiting. Longer ones are time limits.</summary>
internal sealed class ImpatientTime : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime > TimeSpan.Zero && dueTime < TimeSpan.FromSeconds(6) ? TimeSpan.FromMilliseconds(1) : dueTime, period);
}
