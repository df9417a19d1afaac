using Floodgate.Leases;
using Floodgate.SimulationTests.Servers;

namespace Floodgate.SimulationTests.Cache.Running;

/// <summary>How a run of the lease cache misbehaves; as <see cref="SimulationTests.Running.Profile"/>.</summary>
internal sealed class CacheProfile
{
    public CacheProfile(Random random)
    {
        Processes = random.Next(2, 4);
        Replicas = random.Next(1, 4);
        Sessions = random.Next(3, 8);
        Keys = random.Next(1, 4);
        Operations = random.Next(30, 120);
        Pause = Milliseconds(random, 2, Rarely(random, 4) ? 400 : 60);
        Database = new NetworkFaults { AnswerLost = Some(random, 0.05), Late = Some(random, 0.05), Latest = TimeSpan.FromMilliseconds(500) };
        Redis = new NetworkFaults
        {
            RequestLost = Some(random, 0.04),
            AnswerLost = Some(random, 0.06),
            Late = Some(random, 0.08),
            Latest = TimeSpan.FromMilliseconds(800),
        };
        PushLost = Some(random, 0.3);
        PushLate = Some(random, 0.3);
        ReplayInterval = Milliseconds(random, 2, Rarely(random, 3) ? 800 : 40);
        SnapshotDelay = Milliseconds(random, 0, Rarely(random, 3) ? 60 : 3);
        TransactionTime = Milliseconds(random, 1, 20);
        VisibilityDelay = Milliseconds(random, 0, Rarely(random, 3) ? 30 : 3);
        FillFails = Some(random, 0.1);
        FillSlow = Some(random, 0.15);
        FollowTime = Milliseconds(random, 10, 2000);
        RebuildTime = Milliseconds(random, 100, 4000);
        LearnTime = Milliseconds(random, 20, 450);
        OutboxInterval = Milliseconds(random, 50, Rarely(random, 3) ? 4000 : 800);
        WriterForgets = Some(random, 0.2);
        SlowToAsk = Some(random, 0.3);
        PausesReplicas = random.Next(2) == 0;
        FailsOver = random.Next(3) == 0;
        StopsPrimary = random.Next(4) == 0;
        RestartsRedis = random.Next(3) == 0;
        BreaksRedis = random.Next(3) == 0;
        CutsRedis = random.Next(3) == 0;
        Kills = random.Next(3) == 0;
        Freezes = random.Next(3) == 0;
        Cache = Options(random);
    }

    public int Processes { get; }

    public int Replicas { get; }

    public int Sessions { get; }

    public int Keys { get; }

    /// <summary>How many things all sessions do.</summary>
    public int Operations { get; }

    /// <summary>How long a session waits between two at most.</summary>
    public TimeSpan Pause { get; }

    public NetworkFaults Database { get; }

    public NetworkFaults Redis { get; set; }

    /// <summary>The chance that a wake-up or a drop is lost.</summary>
    public double PushLost { get; set; }

    /// <summary>The chance that it is overtaken.</summary>
    public double PushLate { get; }

    public TimeSpan ReplayInterval { get; set; }

    /// <summary>What may lie between a position and the snapshot, at most.</summary>
    public TimeSpan SnapshotDelay { get; }

    public TimeSpan TransactionTime { get; }

    /// <summary>How long a commit is in the log before it can be seen, at most.</summary>
    public TimeSpan VisibilityDelay { get; set; }

    public double FillFails { get; }

    /// <summary>The chance that a fill takes longer than a lease.</summary>
    public double FillSlow { get; set; }

    public TimeSpan FollowTime { get; }

    public TimeSpan RebuildTime { get; }

    /// <summary>How long a process does not know of a promotion, at most.</summary>
    public TimeSpan LearnTime { get; }

    public TimeSpan OutboxInterval { get; set; }

    /// <summary>The chance that a writer dies between its commit and telling the cache.</summary>
    public double WriterForgets { get; }

    /// <summary>The chance that a writer asks late for the position after its commit.</summary>
    public double SlowToAsk { get; }

    public bool PausesReplicas { get; set; }

    public bool FailsOver { get; set; }

    public bool StopsPrimary { get; set; }

    public bool RestartsRedis { get; set; }

    public bool BreaksRedis { get; set; }

    public bool CutsRedis { get; set; }

    public bool Kills { get; set; }

    public bool Freezes { get; set; }

    public LeaseCacheOptions Cache { get; }

    private static LeaseCacheOptions Options(Random random)
    {
        var patience = TimeSpan.FromMilliseconds(Rarely(random, 3) ? 4000 : 800);
        var hard = random.Next(3) switch { 0 => TimeSpan.FromSeconds(2), 1 => TimeSpan.FromSeconds(20), _ => TimeSpan.FromMinutes(10) };
        return new LeaseCacheOptions
        {
            SoftExpiry = hard * (Rarely(random, 2) ? 0.1 : 0.5),
            HardExpiry = hard,
            NegativeExpiry = hard * 0.5,
            Lease = Milliseconds(random, 60, 400),
            FillTimeout = patience,
            WaitTimeout = patience * 1.5,
            FailureRest = Milliseconds(random, 10, 200),
            FloorLifetime = Rarely(random, 3) ? TimeSpan.FromSeconds(1) : TimeSpan.FromMinutes(10),
            RedisTimeout = Milliseconds(random, 40, 150),
            AnnounceTimeout = Milliseconds(random, 200, 1000),
            Rest = TimeSpan.FromMilliseconds(500),
            OriginConcurrency = Rarely(random, 3) ? 1 : 16,
            OriginQueue = Rarely(random, 3) ? 2 : 256,
            HotRate = random.Next(2) == 0 ? 2 : 1_000_000,
            HoldFor = Milliseconds(random, 40, 300),
            KeepWithoutRedis = Milliseconds(random, 0, 500),
            Beta = random.Next(2),
        };
    }

    private static bool Rarely(Random random, int of) => random.Next(of) == 0;

    private static TimeSpan Milliseconds(Random random, int least, int most) => TimeSpan.FromMilliseconds(random.Next(least, most));

    private static double Some(Random random, double most) => random.Next(2) == 0 ? 0 : most * random.NextDouble();
}
