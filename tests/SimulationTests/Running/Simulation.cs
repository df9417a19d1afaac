using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Telemetry;
using Floodgate.FlushWorker.Hosting;
using Floodgate.FlushWorker.Telemetry;
using Floodgate.SimulationTests.Checking;
using Floodgate.SimulationTests.Mutants;
using Floodgate.SimulationTests.Scheduling;
using Floodgate.SimulationTests.Servers;
using Floodgate.VisibleValues;

namespace Floodgate.SimulationTests.Running;

/// <summary>One run: two CounterServices, two FlushWorkers, the three servers, clients, trouble; then quiet, then the checks.</summary>
internal sealed class Simulation : IDisposable
{
    private const int Services = 2;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(6);

    private readonly CounterServiceProcess[] _services = new CounterServiceProcess[Services];
    private readonly FlushWorkerProcess[] _workers = new FlushWorkerProcess[Services];
    private readonly Trace _trace;
    private int _started;

    /// <summary>Prepares a run.</summary>
    /// <param name="seed">What it is a function of.</param>
    /// <param name="mutant">A bug put in on purpose.</param>
    /// <param name="flushTelemetry">Counts into the void.</param>
    /// <param name="kept">How many steps of it a failure shows.</param>
    public Simulation(int seed, Mutant mutant, FlushTelemetry flushTelemetry, int kept)
    {
        Mutant = mutant;
        FlushTelemetry = flushTelemetry;
        _trace = new Trace(kept);
        Scheduler = new Scheduler(new Random(seed), _trace);
        Profile = new Profile(Scheduler.Random, mutant.Lifted);
        CounterOptions = new CounterOptions { Partitions = Profile.Partitions, FlushInterval = Profile.FlushInterval };
        FlushOptions = new FlushOptions
        {
            Partitions = Profile.Partitions,
            FlushInterval = Profile.FlushInterval,
            BatchEnvelopes = Profile.BatchEnvelopes,
            CommitTimeout = TimeSpan.FromSeconds(2),
            ReconcilePatience = Profile.Patience,
        };
        if (Profile.Retires)
        {
            CounterOptions.ProducerLifetime = TimeSpan.FromSeconds(2);
        }

        Broker = new SimulatedBroker(Scheduler, Profile.Partitions, CounterOptions.ConfirmTimeout) { Faults = Profile.Broker };
        Database = new SimulatedDatabase(Scheduler) { Network = { Faults = Profile.Database } };

        // Where producers are retired it is after 30 s and not after 30 days: what is kept of a counter that is not loaded must be forgotten long before.
        var unloadedLifetime = Profile.Retires && Profile.Lifted != KnownDefect.LateApplyOfParked ? TimeSpan.FromSeconds(5) : CounterHash.UnloadedLifetime;
        Redis = new SimulatedRedis(Scheduler, TimeSpan.FromDays(1), unloadedLifetime) { Network = { Faults = Profile.Redis } };
    }

    public Scheduler Scheduler { get; }

    public Profile Profile { get; }

    public Mutant Mutant { get; }

    public FlushTelemetry FlushTelemetry { get; }

    public CounterTelemetry CounterTelemetry { get; } = new();

    public CounterOptions CounterOptions { get; }

    public FlushOptions FlushOptions { get; }

    public SimulatedBroker Broker { get; }

    public SimulatedDatabase Database { get; }

    public SimulatedRedis Redis { get; }

    /// <summary>What the clients did.</summary>
    public History History { get; } = new();

    /// <summary>The CounterServices that run now, or ran last.</summary>
    public IReadOnlyList<CounterServiceProcess> CounterServices => _services;

    /// <summary>The FlushWorkers that run now, or ran last.</summary>
    public IReadOnlyList<FlushWorkerProcess> FlushWorkers => _workers;

    /// <summary>Runs it.</summary>
    /// <returns>What is wrong; null where all is right.</returns>
    public string? Run()
    {
        var before = SynchronizationContext.Current;
        try
        {
            var wrong = RunAll();
            return Scheduler.Errors.Count > 0 ? Scheduler.Errors[0] : wrong;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    /// <summary>The last steps.</summary>
    public string Trace => _trace.ToString();

    /// <summary>Starts a process in place of one that was killed.</summary>
    public void Restart(int index, bool isWorker)
    {
        if (isWorker)
        {
            _workers[index] = new FlushWorkerProcess(new SimulatedProcess(Scheduler, $"flush-{++_started}"), this);
        }
        else
        {
            _services[index] = new CounterServiceProcess(new SimulatedProcess(Scheduler, $"counter-{++_started}"), this);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => CounterTelemetry.Dispose();

    private string? RunAll()
    {
        Mutant.Change(this);
        for (var i = 0; i < Services; i++)
        {
            Restart(i, isWorker: false);
            Restart(i, isWorker: true);
        }

        var clients = new Clients(this);
        var trouble = new Trouble(this);
        clients.Start();
        trouble.Start();
        if (!Scheduler.RunUntil(() => clients.AreDone, Longest))
        {
            return $"The clients got no answer: {clients.Waiting}.";
        }

        trouble.End();
        if (!Scheduler.RunUntil(() => Broker.IsEmpty, Longest))
        {
            return "The queues are not drained.";
        }

        var quiet = Scheduler.Elapsed + Settling;
        if (!Scheduler.RunUntil(() => Scheduler.Elapsed >= quiet, Longest))
        {
            return "It came to a standstill.";
        }

        if (!Broker.IsEmpty)
        {
            return "The queues are not drained any more.";
        }

        return FlushedCheck.Run(this) ?? VisibleCheck.Run(this);
    }
}
