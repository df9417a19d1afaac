using System.Diagnostics.Metrics;
using Floodgate.FlushWorker.Consuming;
using Floodgate.FlushWorker.Telemetry;

namespace Floodgate.FlushWorker.Lag;

/// <summary>How far behind each partition is that this worker drains, as metrics and for the status.</summary>
internal sealed class LagWatch : IHostedService
{
    private readonly FlushConsumers _consumers;
    private readonly QueueWatch _queues;
    private readonly TimeProvider _time;
    private readonly DrainRate[] _rates;

    public LagWatch(FlushConsumers consumers, QueueWatch queues, FlushTelemetry telemetry, TimeProvider time)
    {
        (_consumers, _queues, _time) = (consumers, queues, time);
        _rates = [.. consumers.Partitions.Select(_ => new DrainRate(time))];
        telemetry.ObserveLag("floodgate.flush.queue.depth", "{message}", "Messages of a partition that wait or are held.", () => Measure(lag => lag.Depth));
        telemetry.ObserveLag("floodgate.flush.queue.age", "s", "How long ago the oldest of them was sent.", () => Measure(lag => lag.Age.TotalSeconds));
        telemetry.ObserveLag("floodgate.flush.time_to_drain", "s", "How long they take at the rate of late.", () => Measure(lag => lag.TimeToDrain?.TotalSeconds));
    }

    /// <summary>The lag of a partition.</summary>
    public PartitionLag Of(int partition)
    {
        var drain = _consumers.Partitions[partition];
        return PartitionLag.Of(
            _queues.Ready(partition), drain.Held, drain.Oldest ?? drain.LastSent, _rates[partition].PerSecond, _time.GetUtcNow());
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _queues.Measured = Measure;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _queues.Measured = null;
        return Task.CompletedTask;
    }

    private void Measure()
    {
        foreach (var drain in _consumers.Partitions)
        {
            _rates[drain.Partition].Measure(drain.Acknowledged, drain.IsRunning && (drain.Held > 0 || _queues.Ready(drain.Partition) > 0));
        }
    }

    private IEnumerable<Measurement<double>> Measure(Func<PartitionLag, double?> select)
    {
        foreach (var drain in _consumers.Partitions)
        {
            if (drain.IsRunning && select(Of(drain.Partition)) is { } value)
            {
                yield return new Measurement<double>(value, new KeyValuePair<string, object?>("floodgate.partition", drain.Partition));
            }
        }
    }
}
