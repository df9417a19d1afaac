using Floodgate.FlushWorker.Applying;
using Floodgate.FlushWorker.Hosting;
using Floodgate.FlushWorker.Telemetry;
using Floodgate.Redis;
using Floodgate.VisibleValues;
using Microsoft.Extensions.Options;

namespace Floodgate.FlushWorker.Reconciling;

/// <summary>
/// Tells Redis what a commit did. While Redis is away a batch waits for it a while, unacknowledged; then the epoch of
/// visible values is raised, so that every one is loaded anew and nothing stays counted twice, and PostgreSQL goes on.
/// </summary>
internal sealed class Reconciler(
    IVisibleCounters visible, LateReactions reactions, IRedisEpoch epoch, FlushTelemetry telemetry, IOptions<FlushOptions> options, TimeProvider time, ILogger<Reconciler> logger)
{
    // One message to Redis per counter; a batch of this many is in flight at once.
    private const int Chunk = 1000;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    // Redis did not answer the last time: one try each, until it does.
    private volatile bool _away;

    /// <summary>Whether Redis did not answer the last time.</summary>
    public bool IsAway => _away;

    /// <summary>Tells Redis. Once it returns, Redis knows, or nothing in it is believed any more: the batch may be acknowledged.</summary>
    /// <exception cref="Exception">Neither Redis nor the database answered: the batch must be run again.</exception>
    public async Task ReconcileAsync(int partition, FlushedBatch batch, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var patience = _away ? TimeSpan.Zero : options.Value.ReconcilePatience;
        while (true)
        {
            try
            {
                await TryAsync(partition, batch, cancellationToken);
                _away = false;
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                if (time.GetElapsedTime(started) >= patience)
                {
                    _away = true;
                    await epoch.RaiseAsync(cancellationToken);
                    FlushLog.NotReconciled(logger, partition, batch.Slots.Count, exception);
                    telemetry.Missed(batch.Slots.Count);
                    return;
                }
            }

            await Task.Delay(RetryDelay, time, cancellationToken);
        }
    }

    private async Task TryAsync(int partition, FlushedBatch batch, CancellationToken cancellationToken)
    {
        for (var first = 0; first < batch.Slots.Count; first += Chunk)
        {
            var reconciled = await Task.WhenAll(batch.Slots.Skip(first).Take(Chunk)
                    .Select(of => visible.ReconcileAsync(of.Counter, of.Slot, of.Previous, of.Envelopes)))
                .WaitAsync(options.Value.RedisTimeout, time, cancellationToken);
            telemetry.Reconciled(partition, reconciled);
        }

        await reactions.TellAsync(batch.Reactions, cancellationToken);
    }
}
