using System.Globalization;

namespace Floodgate.SimulationTests.Scheduling;

/// <summary>
/// Runs everything on one thread, one step at a time, in an order and at times that a seeded <see cref="Random"/> chooses:
/// so a run is a function of its seed.
/// </summary>
internal sealed class Scheduler(Random random, Trace trace)
{
    // Now and then something that is due later overtakes what is ready now, as if a thread had been held up.
    private const double Overtaking = 0.02;
    private const int MostSteps = 2_000_000;

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly List<Step> _ready = [];
    private readonly PriorityQueue<Step, (TimeSpan Due, long Number)> _later = new();
    private readonly List<string> _errors = [];
    private long _number;
    private int _steps;

    /// <summary>How long the run has lasted, in its own time.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>The time of the run.</summary>
    public DateTimeOffset Now => Start + Elapsed;

    /// <summary>Chooses.</summary>
    public Random Random => random;

    /// <summary>What went wrong: work on another thread, an exception that nobody expected.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>How many steps were run.</summary>
    public int Steps => _steps;

    /// <summary>Whether the trace is kept.</summary>
    public bool IsTraced => trace.IsOn;

    /// <summary>Adds a line to the trace.</summary>
    public void Note(string line) => trace.Add(Elapsed, line);

    /// <summary>Adds a line to the trace.</summary>
    public void Note(FormattableString line)
    {
        if (trace.IsOn)
        {
            trace.Add(Elapsed, line.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Records an error; the run fails with it.</summary>
    public void Fail(string error)
    {
        lock (_errors)
        {
            _errors.Add(error);
        }
    }

    /// <summary>Runs an action as one of the next steps.</summary>
    /// <param name="owner">Whose it is: it is dropped if the owner is dead by then. Null: the world's.</param>
    /// <param name="action">The action.</param>
    public void Post(SimulatedProcess? owner, Action action)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            Fail($"Work of {owner?.Name ?? "the world"} came from the thread pool: {Environment.StackTrace}");
            return;
        }

        _ready.Add(new Step(owner, action));
    }

    /// <summary>Runs an action later.</summary>
    public Step PostLater(SimulatedProcess? owner, TimeSpan after, Action action)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            Fail($"A timer of {owner?.Name ?? "the world"} was set on the thread pool: {Environment.StackTrace}");
        }

        var step = new Step(owner, action);
        _later.Enqueue(step, (Elapsed + (after < TimeSpan.Zero ? TimeSpan.Zero : after), ++_number));
        return step;
    }

    /// <summary>Runs steps until something is so.</summary>
    /// <returns>Whether it is; false where nothing is left to run, or a limit is reached.</returns>
    public bool RunUntil(Func<bool> done, TimeSpan limit)
    {
        var end = Elapsed + limit;
        while (!done())
        {
            if (_errors.Count > 0 || Elapsed > end || ++_steps > MostSteps || !RunOne())
            {
                return false;
            }
        }

        return true;
    }

    private bool RunOne()
    {
        if (_ready.Count > 0 && (_later.Count == 0 || random.NextDouble() >= Overtaking))
        {
            var chosen = random.Next(_ready.Count);
            var step = _ready[chosen];
            _ready[chosen] = _ready[^1];
            _ready.RemoveAt(_ready.Count - 1);
            Elapsed += TimeSpan.FromMicroseconds(random.Next(1, 30));
            Run(step);
            return true;
        }

        while (_later.TryDequeue(out var step, out var at))
        {
            if (step.IsCancelled || step.Owner is { IsDead: true })
            {
                continue;
            }

            Elapsed = at.Due > Elapsed ? at.Due : Elapsed;
            Run(step);
            return true;
        }

        return _ready.Count > 0;
    }

    private void Run(Step step)
    {
        if (step.IsCancelled || step.Owner is { IsDead: true } || step.Owner?.PutOff(step) == true)
        {
            return;
        }

        // What the world completes is not run inside the world's step, but becomes a step of whoever waits for it.
        SynchronizationContext.SetSynchronizationContext(step.Owner?.Context);
        try
        {
            step.Action();
        }
        catch (Exception exception)
        {
            Fail($"{step.Owner?.Name ?? "the world"}: {exception}");
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(null);
        }
    }
}
