namespace Floodgate.SimulationTests.Scheduling;

/// <summary>The clock of a process: that of the run. Its timers fire as steps of the process.</summary>
internal sealed class SimulatedTime(Scheduler scheduler, SimulatedProcess? owner) : TimeProvider
{
    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => scheduler.Now;

    /// <inheritdoc/>
    public override long GetTimestamp() => scheduler.Elapsed.Ticks;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(scheduler, owner, callback, state, dueTime, period);

    private sealed class Timer : ITimer
    {
        private readonly Scheduler _scheduler;
        private readonly SimulatedProcess? _owner;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private TimeSpan _period;
        private Step? _next;

        public Timer(Scheduler scheduler, SimulatedProcess? owner, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (_scheduler, _owner, _callback, _state) = (scheduler, owner, callback, state);
            Change(dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Dispose();
            _period = period;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                Set(dueTime);
            }

            return true;
        }

        public void Dispose()
        {
            if (_next is not null)
            {
                _next.IsCancelled = true;
                _next = null;
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Set(TimeSpan after) => _next = _scheduler.PostLater(_owner, after, () =>
        {
            _next = null;
            if (_period > TimeSpan.Zero)
            {
                Set(_period);
            }

            _callback(_state);
        });
    }
}
