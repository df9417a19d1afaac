using Floodgate.SimulationTests.Cache.Checking;
using Floodgate.SimulationTests.Cache.Cluster;
using Floodgate.SimulationTests.Cache.Mutants;
using Floodgate.SimulationTests.Scheduling;

namespace Floodgate.SimulationTests.Cache.Running;

/// <summary>One run: processes with a cache, Redis, a primary and replicas, sessions, trouble; then quiet, then every process reads every key.</summary>
internal sealed class CacheSimulation
{
    /// <summary>Within which a call ends, whatever happens.</summary>
    public static readonly TimeSpan LongestCall = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private readonly CacheService[] _services;
    private readonly Trace _trace;
    private int _started;
    private int _left;
    private int _running;
    private long _lastWrite;

    /// <summary>Prepares a run.</summary>
    /// <param name="seed">What it is a function of.</param>
    /// <param name="mutant">A bug put in on purpose.</param>
    /// <param name="kept">How many steps of it a failure shows.</param>
    public CacheSimulation(int seed, CacheMutant mutant, int kept)
    {
        Mutant = mutant;
        _trace = new Trace(kept);
        Scheduler = new Scheduler(new Random(seed), _trace);
        Profile = new CacheProfile(Scheduler.Random);
        mutant.Emphasize(Profile);
        LeaseCheck = new LeaseCheck(Scheduler);
        Cluster = new SimulatedCluster(Scheduler, Profile);
        Redis = new SimulatedCacheRedis(Scheduler, Profile, mutant.Bugs, LeaseCheck.Lost);
        _services = new CacheService[Profile.Processes];
        _left = Profile.Operations;
    }

    public Scheduler Scheduler { get; }

    /// <summary>How many reads were served as of a read index.</summary>
    public int ReadsAtIndex { get; set; }

    public CacheProfile Profile { get; }

    public CacheMutant Mutant { get; }

    public LeaseCheck LeaseCheck { get; }

    public SimulatedCluster Cluster { get; }

    public SimulatedCacheRedis Redis { get; }

    /// <summary>All that was ever tried to write.</summary>
    public List<CacheWrite> Writes { get; } = [];

    /// <summary>How often the origin was asked.</summary>
    public int Fills { get; set; }

    /// <summary>Whether the trouble is over.</summary>
    public bool IsCalm { get; set; }

    /// <summary>The services that run now, or ran last.</summary>
    public IReadOnlyList<CacheService> Services => _services;

    /// <summary>The last steps.</summary>
    public string Trace => _trace.ToString();

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

    /// <summary>Starts a process in place of one that was killed.</summary>
    public void Restart(int index)
    {
        var process = new CacheProcess(new SimulatedProcess(Scheduler, $"process-{++_started}"), this);
        _services[index] = new CacheService(process, this);
    }

    /// <summary>Some service.</summary>
    public CacheService AnyService()
    {
        var alive = _services.Where(service => !service.Host.Process.IsDead).ToArray();
        return alive[Scheduler.Random.Next(alive.Length)];
    }

    /// <summary>Whether a session is to do one thing more.</summary>
    public bool TakeOperation() => _left-- > 0;

    /// <summary>A session has nothing left to do.</summary>
    public void Ended() => _running--;

    /// <summary>The number of the next write.</summary>
    public long NextWrite() => ++_lastWrite;

    /// <summary>A write counts as told once every process knows the epoch.</summary>
    public void AnnounceOnceAllKnow(CacheWrite write)
    {
        var epoch = Cluster.Primary.Epoch;
        Look();

        void Look()
        {
            if (_services.All(service => service.Host.Process.IsDead || service.Host.Generation.Epoch >= epoch))
            {
                write.AnnouncedAt ??= Scheduler.Elapsed;
            }
            else
            {
                Scheduler.PostLater(owner: null, TimeSpan.FromMilliseconds(20), Look);
            }
        }
    }

    private string? RunAll()
    {
        for (var i = 0; i < _services.Length; i++)
        {
            Restart(i);
        }

        _running = Profile.Sessions;
        var client = new SimulatedProcess(Scheduler, "clients");
        for (var i = 1; i <= Profile.Sessions; i++)
        {
            var session = new CacheSession(this, client, i) { IsAnonymous = i == 3 };
            client.Start(session.RunAsync);
        }

        var trouble = new CacheTrouble(this);
        trouble.Start();
        if (!Scheduler.RunUntil(() => _running == 0, Longest))
        {
            return "The sessions got no answer.";
        }

        trouble.End();
        return new CalmCheck(this).Run();
    }
}
