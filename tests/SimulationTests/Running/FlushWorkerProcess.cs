using Floodgate.FlushWorker.Consuming;
using Floodgate.FlushWorker.Reconciling;
using Floodgate.FlushWorker.Telemetry;
using Floodgate.Redis;
using Floodgate.SimulationTests.Scheduling;
using Floodgate.SimulationTests.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Floodgate.SimulationTests.Running;

/// <summary>One run of FlushWorker: its real classes on simulated servers.</summary>
internal sealed class FlushWorkerProcess
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);

    private readonly FlushTelemetry _telemetry;

    public FlushWorkerProcess(SimulatedProcess process, Simulation world)
    {
        Process = process;
        _telemetry = world.FlushTelemetry;
        var options = Options.Create(world.FlushOptions);
        Generation = new RedisGeneration(process.Time);
        var store = new SimulatedStore(process, world.Database, world.FlushOptions.CommitTimeout);
        var counters = new SimulatedCounters(process, world.Redis, Generation);
        var epoch = world.Mutant.Epoch(new SimulatedEpoch(process, world.Database, Generation));
        var reactions = new LateReactions(new SimulatedReactions(process, world.Redis, Generation), store, options, process.Time);
        var reconciler = new Reconciler(counters, reactions, epoch, _telemetry, options, process.Time, NullLogger<Reconciler>.Instance);
        var flusher = new BatchFlusher(store, reconciler, _telemetry, NullLogger<BatchFlusher>.Instance);
        GenerationLoop.Start(process, Generation, world.Redis, world.Database);
        foreach (var queue in world.Broker.Queues)
        {
            var drain = new PartitionDrain(queue.Partition, flusher, options, process.Time, NullLogger<PartitionDrain>.Instance);
            process.Start(() => KeepAsync(world.Broker, queue, drain, world.FlushOptions.Prefetch));
        }
    }

    /// <summary>The process.</summary>
    public SimulatedProcess Process { get; }

    /// <summary>What it believes.</summary>
    public RedisGeneration Generation { get; }

    // What FlushConsumers does.
    private async Task KeepAsync(SimulatedBroker broker, SimulatedQueue queue, PartitionDrain drain, int prefetch)
    {
        while (true)
        {
            if (broker.IsUp)
            {
                await drain.RunAsync(queue.Open(Process, prefetch), CancellationToken.None, CancellationToken.None);
            }

            await Task.Delay(RetryDelay, Process.Time);
        }
    }
}
