using Floodgate.SimulationTests.Scheduling;
using Floodgate.SimulationTests.Servers;

namespace Floodgate.SimulationTests.Cache.Running;

/// <summary>Pauses, breaks, stops, freezes, kills and promotes, as the profile of the run says, until the sessions are done.</summary>
internal sealed class CacheTrouble
{
    private readonly CacheSimulation _world;
    private readonly SimulatedProcess _process;
    private readonly List<Func<Task>> _kinds = [];

    public CacheTrouble(CacheSimulation world)
    {
        _world = world;
        _process = new SimulatedProcess(world.Scheduler, "trouble");
        var profile = world.Profile;
        Add(profile.PausesReplicas, PauseReplicaAsync);
        Add(profile.FailsOver, FailOverAsync);
        Add(profile.StopsPrimary, StopPrimaryAsync);
        Add(profile.RestartsRedis, () => Now(world.Redis.Restart));
        Add(profile.BreaksRedis, () => Now(() =>
        {
            var victim = world.AnyService().Host.Connection;
            world.Redis.Break(connection => connection == victim);
        }));
        Add(profile.CutsRedis, CutAsync);
        Add(profile.Kills, KillAsync);
        Add(profile.Freezes, () => Now(() => world.AnyService().Host.Process.Freeze(TimeSpan.FromMilliseconds(Random.Next(600)))));
    }

    private Random Random => _world.Scheduler.Random;

    public void Start()
    {
        if (_kinds.Count > 0)
        {
            _process.Start(RunAsync);
        }
    }

    /// <summary>No more trouble: what is stopped is started, and nothing fails any more.</summary>
    public void End()
    {
        _world.Scheduler.Note($"the trouble ends");
        _process.Kill();
        _world.IsCalm = true;
        _world.Redis.IsCalm = true;
        _world.Redis.Network.Faults = new NetworkFaults();
        _world.Cluster.Heal();
        for (var i = 0; i < _world.Services.Count; i++)
        {
            var host = _world.Services[i].Host;
            host.Connection.IsCut = false;
            if (host.Process.IsDead)
            {
                _world.Restart(i);
            }
        }
    }

    private void Add(bool isOn, Func<Task> kind)
    {
        if (isOn)
        {
            _kinds.Add(kind);
        }
    }

    private async Task RunAsync()
    {
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Next(1000)), _process.Time);
            _process.Start(_kinds[Random.Next(_kinds.Count)]);
        }
    }

    private async Task PauseReplicaAsync()
    {
        var node = _world.Cluster.Nodes[Random.Next(_world.Cluster.Nodes.Count)];
        _world.Scheduler.Note($"{node.Name} is paused at {node.Replayed}");
        node.IsPaused = true;
        await Task.Delay(TimeSpan.FromMilliseconds(Random.Next(Random.Next(2) == 0 ? 500 : 6000)), _process.Time);
        node.IsPaused = false;
    }

    private async Task FailOverAsync()
    {
        var candidates = _world.Cluster.Nodes.Where(node => node != _world.Cluster.Primary && node.Line == _world.Cluster.Primary.Line && node.Network.IsUp).ToArray();
        if (candidates.Length > 0 && _world.Cluster.Primary.Network.IsUp)
        {
            var chosen = Random.Next(2) == 0 ? candidates[Random.Next(candidates.Length)] : candidates.MaxBy(node => node.Replayed)!;
            _world.Cluster.Promote(chosen, TimeSpan.FromMilliseconds(Random.Next(2) == 0 ? 0 : Random.Next(600)));
            await Task.Delay(TimeSpan.FromMilliseconds(500), _process.Time);
        }
    }

    private async Task StopPrimaryAsync()
    {
        var primary = _world.Cluster.Primary;
        if (primary.Network.IsUp)
        {
            _world.Cluster.SetUp(primary, isUp: false);
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Next(2000)), _process.Time);
            _world.Cluster.SetUp(primary, isUp: true);
        }
    }

    private async Task CutAsync()
    {
        var connection = _world.AnyService().Host.Connection;
        if (connection.IsCut)
        {
            return;
        }

        connection.IsCut = true;
        _world.Redis.Break(one => one == connection);
        await Task.Delay(TimeSpan.FromMilliseconds(Random.Next(3000)), _process.Time);
        connection.IsCut = false;
    }

    private async Task KillAsync()
    {
        var index = Random.Next(_world.Services.Count);
        var victim = _world.Services[index].Host.Process;
        if (victim.IsDead || _world.Services.Count(service => !service.Host.Process.IsDead) == 1)
        {
            return;
        }

        victim.Kill();
        await Task.Delay(TimeSpan.FromMilliseconds(Random.Next(1500)), _process.Time);
        _world.Restart(index);
    }

    private static Task Now(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}
