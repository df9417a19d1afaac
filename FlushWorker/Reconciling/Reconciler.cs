using System.Collections.Concurrent;
using Floodgate.FlushWorker.Applying;
using Floodgate.FlushWorker.Hosting;
using Floodgate.FlushWorker.Telemetry;
using Floodgate.Messaging.Counters;
using Floodgate.VisibleValues;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Floodgate.FlushWorker.Reconciling;

/// <summary>
/// Tells Redis what a commit did. While Redis is away a batch waits for it a while, unacknowledged; then PostgreSQL goes
/// on without, and the counters concerned are dropped from Redis once it is back, so that nothing stays counted twice.
/// </summary>
internal sealed class Reconciler(CounterHash hash, FlushTelemetry telemetry, IOptions<FlushOptions> options, TimeProvider time, ILogger<Reconciler> logger)
{
    // One message to Redis per counter; a batch of this many is in flight at once.
    private const int Chunk = 1000;
    private const int MostMissed = 1_000_000;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<CounterId, byte> _missed = new();

    /// <summary>How many counters Redis has wrong until it is back.</summary>
    public int Missed => _missed.Count;

    /// <summary>Tells Redis. Returns also when it could not.</summary>
    public async Task ReconcileAsync(int partition, FlushedBatch batch, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var patience = _missed.IsEmpty ? options.Value.ReconcilePatience : TimeSpan.Zero;
        while (true)
        {
            try
            {
                await TryAsync(partition, batch);
                return;
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                if (time.GetElapsedTime(started) >= patience)
                {
                    GiveUp(partition, batch, exception);
                    return;
                }
            }

            await Task.Delay(RetryDelay, time, cancellationToken);
        }
    }

    private async Task TryAsync(int partition, FlushedBatch batch)
    {
        if (!_missed.IsEmpty)
        {
            await ForgetMissedAsync();
        }

        for (var first = 0; first < batch.Slots.Count; first += Chunk)
        {
            var now = time.GetUtcNow();
            var reconciled = await Task.WhenAll(batch.Slots.Skip(first).Take(Chunk)
                    .Select(of => hash.ReconcileAsync(of.Counter, of.Slot, of.Previous, of.Envelopes, now)))
                .WaitAsync(options.Value.RedisTimeout, time);
            telemetry.Reconciled(partition, reconciled);
        }
    }

    private async Task ForgetMissedAsync()
    {
        foreach (var counters in _missed.Keys.Chunk(Chunk))
        {
            await Task.WhenAll(counters.Select(counter => hash.ForgetAsync(counter))).WaitAsync(options.Value.RedisTimeout, time);
            foreach (var counter in counters)
            {
                _missed.TryRemove(counter, out _);
            }
        }
    }

    private void GiveUp(int partition, FlushedBatch batch, Exception exception)
    {
        FlushLog.NotReconciled(logger, partition, batch.Slots.Count, exception);
        telemetry.Missed(batch.Slots.Count);
        if (_missed.Count < MostMissed)
        {
            foreach (var slot in batch.Slots)
            {
                _missed.TryAdd(slot.Counter, 0);
            }
        }
    }
}
