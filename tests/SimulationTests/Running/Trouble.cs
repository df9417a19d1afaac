using Floodgate.SimulationTests.Scheduling;
using Floodgate.SimulationTests.Servers;

namespace Floodgate.SimulationTests.Running;

/// <summary>Kills, stops and breaks, as the profile of the run says, until the clients are done.</summary>
internal sealed class Trouble
{
    private static readonly TimeSpan RetireAfter = TimeSpan.FromSeconds(30);

    private readonly Simulation _world;
    private readonly SimulatedProcess _process;
    private readonly List<Func<Task>> _kinds = [];

    public Trouble(Simulation world)
    {
        _world = world;
        _process = new SimulatedProcess(world.Scheduler, "trouble");
        Add(world.Profile.KillCounterServices, () => KillAsync(isWorker: false));
        Add(world.Profile.KillFlushWorkers, () => KillAsync(isWorker: true));
        Add(world.Profile.StopBroker, () => StopAsync(world.Broker.Stop, world.Broker.Start));
        Add(world.Profile.StopDatabase, () => StopAsync(() => SetDatabase(isUp: false), () => SetDatabase(isUp: true)));
        Add(world.Profile.StopRedis, () => StopAsync(world.Redis.Stop, world.Redis.Start));
        Add(world.Profile.StopRedis, () => Now(world.Redis.Snapshot));
        Add(world.Profile.FlushRedis, () => Now(world.Redis.Flush));
        Add(world.Profile.BreakRedis, () => Now(() =>
        {
            if (world.Redis.Network.IsUp)
            {
                world.Redis.BreakConnections();
            }
        }));
        Add(world.Profile.Breaks, () => Now(world.Broker.BreakConsumers));
        Add(world.Profile.Resends, () => Now(world.Broker.Resend));
        Add(world.Profile.Poisons, () => Now(() => world.Broker.Send(world.Scheduler.Random.Next(world.Profile.Partitions), [1, 2, 3])));
        Add(world.Profile.Retires, () => Now(Retire));
        world.Database.Tables.Poison = Clients.Poisonous;
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
        _world.Broker.Faults = new BrokerFaults();
        _world.Database.Network.Faults = new NetworkFaults();
        _world.Redis.Network.Faults = new NetworkFaults();
        _world.Broker.Start();
        SetDatabase(isUp: true);
        _world.Redis.Start();
        for (var i = 0; i < _world.CounterServices.Count; i++)
        {
            if (_world.CounterServices[i].Process.IsDead)
            {
                _world.Restart(i, isWorker: false);
            }

            if (_world.FlushWorkers[i].Process.IsDead)
            {
                _world.Restart(i, isWorker: true);
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
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Next(1500)), _process.Time);
            _process.Start(_kinds[Random.Next(_kinds.Count)]);
        }
    }

    private async Task KillAsync(bool isWorker)
    {
        var index = Random.Next(_world.CounterServices.Count);
        var victim = isWorker ? _world.FlushWorkers[index].Process : _world.CounterServices[index].Process;
        if (victim.IsDead)
        {
            return;
        }

        victim.Kill();
        await Task.Delay(TimeSpan.FromMilliseconds(Random.Next(2000)), _process.Time);
        _world.Restart(index, isWorker);
    }

    private async Task StopAsync(Action stop, Action start)
    {
        stop();
        await Task.Delay(TimeSpan.FromMilliseconds(Random.Next(4000)), _process.Time);
        start();
    }

    private static Task Now(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private void SetDatabase(bool isUp)
    {
        _world.Scheduler.Note($"the database {(isUp ? "starts" : "stops")}");
        _world.Database.Network.IsUp = isUp;
        _world.Database.Network.Generation++;
    }

    private void Retire()
    {
        var partition = Random.Next(_world.Profile.Partitions);
        _world.Scheduler.Note($"p{partition}: what was not heard of for {RetireAfter} is retired");
        _world.Database.Tables.Retire(partition, _world.Scheduler.Now - RetireAfter);
    }
}
