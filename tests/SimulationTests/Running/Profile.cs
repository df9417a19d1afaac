using Floodgate.SimulationTests.Servers;

namespace Floodgate.SimulationTests.Running;

/// <summary>
/// How a run misbehaves: each kind of trouble is on or off, and more or less of it, so that over many runs each meets each
/// other and none hides another.
/// </summary>
internal sealed class Profile
{
    /// <summary>Chooses one.</summary>
    /// <param name="random">Chooses.</param>
    /// <param name="lifted">What is not to be left out, though it is known to fail.</param>
    public Profile(Random random, KnownDefect lifted)
    {
        Broker = new BrokerFaults
        {
            Lost = Some(random, 0.1),
            ConfirmLost = Some(random, 0.1),
            Late = Some(random, 0.1),
            Twice = Some(random, 0.1),
            Break = Some(random, 0.1),
            Shuffles = random.Next(3) == 0,
        };
        Database = new NetworkFaults
        {
            RequestLost = Some(random, 0.2),
            AnswerLost = Some(random, 0.2),
            Late = Some(random, 0.2),
            Latest = TimeSpan.FromSeconds(4),
        };
        Redis = new NetworkFaults
        {
            RequestLost = Some(random, 0.1),
            AnswerLost = Some(random, 0.1),
            Late = Some(random, 0.2),
            Latest = TimeSpan.FromSeconds(3),
        };
        KillCounterServices = random.Next(2) == 0;
        KillFlushWorkers = random.Next(2) == 0;
        StopBroker = random.Next(3) == 0;
        StopDatabase = random.Next(3) == 0;
        StopRedis = random.Next(3) == 0;
        FlushRedis = random.Next(3) == 0;
        BreakRedis = random.Next(3) == 0;
        Poisons = random.Next(8) == 0;
        Breaks = random.Next(3) == 0;
        Resends = random.Next(3) == 0;
        Retires = random.Next(4) == 0;
        Lifted = lifted;
        Partitions = random.Next(1, 4);
        Operations = random.Next(10, 60);
        Pause = TimeSpan.FromMilliseconds(random.Next(1, 300));
        FlushInterval = TimeSpan.FromMilliseconds(random.Next(20, 1000));
        BatchEnvelopes = random.Next(2) == 0 ? random.Next(1, 6) : 500;
        Patience = TimeSpan.FromMilliseconds(random.Next(0, 2000));
    }

    public BrokerFaults Broker { get; }

    public NetworkFaults Database { get; }

    public NetworkFaults Redis { get; }

    public bool KillCounterServices { get; }

    public bool KillFlushWorkers { get; }

    public bool StopBroker { get; }

    public bool StopDatabase { get; }

    public bool StopRedis { get; }

    public bool FlushRedis { get; }

    public bool BreakRedis { get; }

    public bool Poisons { get; }

    /// <summary>What is not left out, though it is known to fail.</summary>
    public KnownDefect Lifted { get; }

    public bool Breaks { get; }

    public bool Resends { get; }

    public bool Retires { get; }

    public int Partitions { get; }

    /// <summary>How many operations all clients do.</summary>
    public int Operations { get; }

    /// <summary>How long a client waits between two at most.</summary>
    public TimeSpan Pause { get; }

    public TimeSpan FlushInterval { get; }

    public int BatchEnvelopes { get; }

    /// <summary>How long a committed batch waits for Redis.</summary>
    public TimeSpan Patience { get; }

    private static double Some(Random random, double most) => random.Next(2) == 0 ? 0 : most * random.NextDouble();
}
