using System.Runtime.CompilerServices;
using Floodgate.Model;
using Floodgate.SimulationTests.Scheduling;
using StackExchange.Redis;

namespace Floodgate.SimulationTests.Servers;

/// <summary>Redis: it may be flushed, and stopped and started with an older snapshot, under another run id.</summary>
internal sealed class SimulatedRedis
{
    private readonly Scheduler _scheduler;
    private readonly List<Action> _onBreak = [];
    private object _snapshot;
    private int _run = 1;

    public SimulatedRedis(Scheduler scheduler, TimeSpan counterLifetime, TimeSpan unloadedLifetime)
    {
        _scheduler = scheduler;
        Hashes = new ModelRedis(() => scheduler.Now);
        Counters = new ModelCounters(Hashes, counterLifetime, unloadedLifetime);
        Reactions = new ModelReactions(Hashes, TimeSpan.FromHours(1));
        Network = new Network(scheduler, "redis", TimeSpan.FromMilliseconds(0.4), _ => Away());
        _snapshot = Hashes.Save();
    }

    // In version 1.2.6 nobody else can construct one.
    private static RedisException Away() => (RedisException)RuntimeHelpers.GetUninitializedObject(typeof(RedisConnectionException));

    /// <summary>What it holds.</summary>
    public ModelRedis Hashes { get; }

    public ModelCounters Counters { get; }

    public ModelReactions Reactions { get; }

    /// <summary>The way to it.</summary>
    public Network Network { get; }

    /// <summary>Has somebody told when connections break.</summary>
    public void OnBreak(Action action) => _onBreak.Add(action);

    /// <summary>Which run of the server this is.</summary>
    public string Run => $"run{_run}";

    /// <summary>How often something was lost from it.</summary>
    public int Losses { get; private set; }

    /// <summary>FLUSHALL.</summary>
    public void Flush()
    {
        _scheduler.Note("redis: FLUSHALL");
        Losses++;
        Hashes.Clear();
    }

    /// <summary>Writes a snapshot to disk.</summary>
    public void Snapshot()
    {
        _scheduler.Note("redis: snapshot");
        _snapshot = Hashes.Save();
    }

    /// <summary>Stops it.</summary>
    public void Stop()
    {
        if (Network.IsUp)
        {
            _scheduler.Note("redis stops");
            Network.IsUp = false;
            _onBreak.ForEach(action => action());
        }
    }

    /// <summary>Starts it with what the last snapshot holds.</summary>
    public void Start()
    {
        if (!Network.IsUp)
        {
            Losses++;
            _run++;
            Hashes.Restore(_snapshot);
            Network.IsUp = true;
            Network.Generation++;
            _scheduler.Note($"redis starts as {Run}, with the last snapshot");
        }
    }

    /// <summary>Breaks all connections; the server goes on.</summary>
    public void BreakConnections()
    {
        _scheduler.Note("redis: the connections break");
        Network.Generation++;
        _onBreak.ForEach(action => action());
    }
}
