using System.Buffers;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Floodgate.Leases;
using Floodgate.Leases.Origin;
using Floodgate.Leases.Store;
using Floodgate.Leases.Telemetry;
using Floodgate.Redis;
using Floodgate.SimulationTests.Cache.Cluster;
using Floodgate.SimulationTests.Scheduling;
using Microsoft.Extensions.Logging.Abstractions;

namespace Floodgate.SimulationTests.Cache.Running;

/// <summary>A service with a cache: the real one, on a simulated store and origin.</summary>
internal sealed class CacheProcess : IRedisEpoch
{
    private static readonly CacheInstruments Instruments = new(new NoMeters());

    private readonly CacheSimulation _world;

    public CacheProcess(SimulatedProcess process, CacheSimulation world)
    {
        (_world, Process) = (world, process);
        Generation = new RedisGeneration(process.Time);
        Known = new ClusterKnowledge(
            world.Cluster, world.Profile.LearnTime, (most, learn) => world.Scheduler.PostLater(process, most * world.Scheduler.Random.NextDouble(), learn));
        Connection = new RedisConnection(process) { OnBreak = Generation.LoseRun };
        world.Redis.Connect(Connection);
        var options = world.Profile.Cache;
        var store = new SimulatedLeaseStore(process, world.Redis, Connection, Generation, options, () => Known.History, world.LeaseCheck);
        store.Attach(store);
        Store = world.Mutant.Store(store);
        var view = new SimulatedOriginView(process, Known, Generation, options.FloorLifetime);
        var epoch = new EpochRaise(this, process.Time);
        Environment = new CacheEnvironment(
            Store, world.Mutant.View(view), new OriginGate(options.OriginConcurrency, options.OriginQueue), epoch.RaiseAsync,
            GenerationWatch.HeardAfter, process.Time,
            new Chance(world.Scheduler.Random), NullLogger.Instance);
        Cache = new LeaseCache<long, CacheValue>(
            new CacheEntity<long, CacheValue>("sim", 1, key => key.ToString(CultureInfo.InvariantCulture), new Codec()), Environment, options, Instruments);
        process.Start(view.RunAsync);
        process.Start(() => WatchAsync(AskRunAsync, () => Generation.Run is null));
        process.Start(() => WatchAsync(AskEpochAsync, () => Generation.IsEpochAwaited));
    }

    public SimulatedProcess Process { get; }

    public RedisGeneration Generation { get; }

    public ClusterKnowledge Known { get; }

    public RedisConnection Connection { get; }

    public ILeaseStore Store { get; }

    public CacheEnvironment Environment { get; }

    public LeaseCache<long, CacheValue> Cache { get; }

    /// <inheritdoc/>
    public async Task RaiseAsync(CancellationToken cancellationToken)
    {
        var losses = Generation.Losses;
        Generation.SetEpoch(
            await _world.Cluster.RaiseEpochAsync(Process, Known.Primary, Generation.Epoch).WaitAsync(RedisGeneration.Patience, Process.Time, cancellationToken), losses);
    }

    private async Task AskRunAsync()
    {
        if (Connection.IsCut)
        {
            throw new StoreUnavailableException("There is no way to Redis.");
        }

        var losses = Generation.Losses;
        Generation.SetRun(await _world.Redis.Network.CallAsync(Process, null, () => _world.Redis.Run), losses);
    }

    private async Task AskEpochAsync()
    {
        var losses = Generation.Losses;
        var primary = Known.Primary;
        Generation.SetEpoch(await primary.Network.CallAsync(Process, null, () => primary.Epoch), losses);
    }

    // As GenerationWatch. That a lost answer is waited for no longer than the interval is taken for granted: GenerationWatch.BelievedFor says so.
    private async Task WatchAsync(Func<Task> ask, Func<bool> isUrgent)
    {
        while (true)
        {
            try
            {
                await ask().WaitAsync(TimeSpan.FromMilliseconds(300), Process.Time);
            }
            catch (Exception)
            {
                // The next time.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(isUrgent() ? 50 : 1000), Process.Time);
        }
    }

    private sealed class Codec : ICacheCodec<CacheValue>
    {
        public void Write(CacheValue value, IBufferWriter<byte> output) =>
            output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{value.Key}/{value.Write}")));

        public CacheValue Read(ReadOnlySpan<byte> bytes)
        {
            var text = Encoding.ASCII.GetString(bytes);
            var slash = text.IndexOf('/', StringComparison.Ordinal);
            return new CacheValue(long.Parse(text.AsSpan(0, slash), CultureInfo.InvariantCulture), long.Parse(text.AsSpan(slash + 1), CultureInfo.InvariantCulture));
        }
    }

    private sealed class NoMeters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }
}
