using Floodgate.Leases.Store;
using Floodgate.Model;
using Floodgate.SimulationTests.Cache.Running;
using Floodgate.SimulationTests.Scheduling;
using Floodgate.SimulationTests.Servers;

namespace Floodgate.SimulationTests.Cache.Cluster;

/// <summary>Redis, as the lease cache uses it: it may be started anew, empty; connections break; pushes are lost and late.</summary>
internal sealed class SimulatedCacheRedis
{
    private readonly Scheduler _scheduler;
    private readonly CacheProfile _profile;
    private readonly List<RedisConnection> _connections = [];
    private readonly Action _onLoss;
    private int _run = 1;

    public SimulatedCacheRedis(Scheduler scheduler, CacheProfile profile, LeaseBugs bugs, Action onLoss)
    {
        (_scheduler, _profile, _onLoss) = (scheduler, profile, onLoss);
        Hashes = new ModelRedis(() => scheduler.Now);
        Leases = new ModelLeases(Hashes, () => scheduler.Now, Publish) { Bugs = bugs };
        Changes = new SimulatedChanges(() => scheduler.Now);
        Network = new Network(scheduler, "redis", TimeSpan.FromMilliseconds(0.3), reason => new StoreUnavailableException(reason)) { Faults = profile.Redis };
    }

    public ModelRedis Hashes { get; }

    public ModelLeases Leases { get; }

    /// <summary>The log of changes.</summary>
    public SimulatedChanges Changes { get; }

    /// <summary>The way to it.</summary>
    public Network Network { get; }

    /// <summary>Which run of the server this is.</summary>
    public string Run => $"run{_run}";

    /// <summary>Whether pushes all arrive.</summary>
    public bool IsCalm { get; set; }

    /// <summary>Connects a process.</summary>
    public void Connect(RedisConnection connection) => _connections.Add(connection);

    /// <summary>Breaks connections.</summary>
    public void Break(Func<RedisConnection, bool> which)
    {
        foreach (var connection in _connections.Where(connection => !connection.Process.IsDead && which(connection)).ToArray())
        {
            connection.Break();
        }
    }

    /// <summary>Starts it anew, empty.</summary>
    public void Restart()
    {
        _run++;
        _scheduler.Note($"redis starts anew as {Run}, empty");
        Hashes.Clear();
        Changes.Clear();
        _onLoss();
        Network.Generation++;
        Break(_ => true);
    }

    private void Publish(string channel, string key)
    {
        foreach (var connection in _connections)
        {
            if (connection.Process.IsDead || connection.IsCut
                || (channel != ModelLeases.DropChannel && channel != ModelLeases.WakeChannel + connection.Process.Name)
                || (!IsCalm && Network.Chance(_profile.PushLost)))
            {
                continue;
            }

            var made = connection.Made;
            var delay = TimeSpan.FromMilliseconds(_scheduler.Random.NextDouble() * (!IsCalm && Network.Chance(_profile.PushLate) ? 300 : 1));
            _scheduler.PostLater(connection.Process, delay, () =>
            {
                if (connection.Made == made)
                {
                    connection.Push(channel == ModelLeases.DropChannel, key);
                }
            });
        }
    }
}

/// <summary>A process's connection to Redis.</summary>
internal sealed class RedisConnection(SimulatedProcess process)
{
    private readonly List<IStoreListener> _listeners = [];

    public SimulatedProcess Process => process;

    /// <summary>Whether nothing gets through.</summary>
    public bool IsCut { get; set; }

    /// <summary>How often it was made.</summary>
    public int Made { get; private set; }

    /// <summary>What is done at once when it breaks.</summary>
    public Action OnBreak { get; set; } = () => { };

    public void Attach(IStoreListener listener) => _listeners.Add(listener);

    public void Detach(IStoreListener listener) => _listeners.Remove(listener);

    public void Break()
    {
        process.Scheduler.Note($"{process.Name} loses its connection to redis");
        Made++;
        OnBreak();
        _listeners.ForEach(listener => listener.Disconnected());
    }

    public void Push(bool drops, string key)
    {
        foreach (var listener in _listeners)
        {
            if (drops)
            {
                listener.Dropped(key);
            }
            else
            {
                listener.Woken(key);
            }
        }
    }
}
