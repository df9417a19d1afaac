namespace Floodgate.SimulationTests.Scheduling;

/// <summary>
/// A process: code that was started in it goes on in it, until it is killed. Then none of its continuations and timers runs
/// any more, and nothing of what it had in memory is seen again; what it sent may still arrive.
/// </summary>
internal sealed class SimulatedProcess
{
    private readonly List<Action> _onKill = [];
    private List<Step>? _putOff;

    public SimulatedProcess(Scheduler scheduler, string name)
    {
        Scheduler = scheduler;
        Name = name;
        Context = new ProcessContext(this);
        Time = new SimulatedTime(scheduler, this);
    }

    /// <summary>Its name in traces.</summary>
    public string Name { get; }

    /// <summary>Who runs it.</summary>
    public Scheduler Scheduler { get; }

    /// <summary>Where its continuations go.</summary>
    public SynchronizationContext Context { get; }

    /// <summary>Its clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>Whether it was killed.</summary>
    public bool IsDead { get; private set; }

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    public void Kill()
    {
        if (IsDead)
        {
            return;
        }

        Scheduler.Note($"{Name} is killed");
        IsDead = true;
        foreach (var action in _onKill)
        {
            action();
        }
    }

    /// <summary>Stops it as a long garbage collection does: what is due meanwhile is done when it goes on.</summary>
    public void Freeze(TimeSpan duration)
    {
        if (_putOff is not null)
        {
            return;
        }

        Scheduler.Note($"{Name} is frozen");
        _putOff = [];
        Scheduler.PostLater(owner: null, duration, () =>
        {
            var steps = _putOff;
            _putOff = null;
            steps.ForEach(step => Scheduler.PostLater(this, TimeSpan.Zero, () =>
            {
                if (!step.IsCancelled)
                {
                    step.Action();
                }
            }));
        });
    }

    /// <summary>Keeps a step for later, while it is frozen.</summary>
    internal bool PutOff(Step step)
    {
        _putOff?.Add(step);
        return _putOff is not null;
    }

    /// <summary>Has something done when it is killed: what others see of it.</summary>
    public void OnKill(Action action) => _onKill.Add(action);

    /// <summary>Starts code in it. Whatever it throws fails the run.</summary>
    public void Start(Func<Task> code) => Scheduler.Post(this, () => _ = GuardAsync(code));

    private async Task GuardAsync(Func<Task> code)
    {
        try
        {
            await code();
        }
        catch (Exception exception)
        {
            Scheduler.Fail($"{Name}: {exception}");
        }
    }

    private sealed class ProcessContext(SimulatedProcess process) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => process.Scheduler.Post(process, () => d(state));

        public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nothing waits here.");

        public override SynchronizationContext CreateCopy() => this;
    }
}
