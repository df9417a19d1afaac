using Floodgate.FlushWorker.Hosting;
using Floodgate.FlushWorker.Lag;
using Floodgate.FlushWorker.Telemetry;
using Microsoft.Extensions.Options;

namespace Floodgate.FlushWorker.Consuming;

/// <summary>
/// Drains a partition: gathers a batch by time and size, flushes it, acknowledges it once it is committed and Redis told
/// (or once it is put aside), and so on. What fails for a while is tried again; a message that fails for ever is found by
/// bisection and put aside, while its neighbours are applied in order.
/// </summary>
internal sealed class PartitionDrain(
    int partition, BatchFlusher flusher, IOptions<FlushOptions> options, TimeProvider time, ILogger<PartitionDrain> logger)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    private readonly FlushPace _pace = new(options.Value.FlushInterval);
    private BatchGatherer? _gatherer;
    private IReadOnlyList<ReceivedEnvelope> _flushing = [];
    private int _done;
    private int _limit = int.MaxValue;

    /// <summary>The partition.</summary>
    public int Partition => partition;

    /// <summary>Whether it has a source: it drains, or waits for its turn to.</summary>
    public bool IsRunning => _gatherer is not null;

    /// <summary>How many messages it holds that are not acknowledged.</summary>
    public int Held => _flushing.Count - _done + (_gatherer?.Held ?? 0);

    /// <summary>When the oldest of them was sent; null where it holds none, or that one cannot be read.</summary>
    public DateTimeOffset? Oldest => _flushing is [var first, ..] ? first.Envelope?.SentAt : _gatherer?.Oldest;

    /// <summary>Whether it is behind, and so works without a pause.</summary>
    public bool IsBehind => _pace.IsBehind;

    /// <summary>How many messages it has acknowledged.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>When it last acknowledged; null where it never did.</summary>
    public DateTimeOffset? LastFlush { get; private set; }

    /// <summary>When the last message that it acknowledged had been sent; null where it never did.</summary>
    public DateTimeOffset? LastSent { get; private set; }

    /// <summary>Drains until the source is closed, or until it is to be let go of: then the batch under way is finished first.</summary>
    /// <param name="source">Where the messages come from.</param>
    /// <param name="letGo">Somebody else is to go on.</param>
    /// <param name="stoppingToken">Ends it at once; what is not acknowledged comes again.</param>
    public async Task RunAsync(IEnvelopeSource source, CancellationToken letGo, CancellationToken stoppingToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(letGo, stoppingToken);
        var gatherer = _gatherer = new BatchGatherer(partition, source, options.Value, time);
        var flushing = Task.CompletedTask;
        try
        {
            while (await gatherer.WaitAsync(either.Token))
            {
                _pace.Observe(time.GetUtcNow() - gatherer.Oldest);
                var batch = await gatherer.GatherAsync(options.Value.FlushInterval, _pace.IsBehind ? flushing : null, either.Token);
                await flushing;
                flushing = FlushAsync(source, batch, stoppingToken);
                if (!_pace.IsBehind)
                {
                    await flushing;
                }
            }
        }
        catch (OperationCanceledException) when (letGo.IsCancellationRequested && !stoppingToken.IsCancellationRequested)
        {
            // Nothing is gathered; what is being flushed is waited for.
        }
        finally
        {
            await flushing;
            _gatherer = null;
        }
    }

    // Until it is done, or the source is closed: then the same messages come again.
    private async Task FlushAsync(IEnvelopeSource source, IReadOnlyList<ReceivedEnvelope> batch, CancellationToken stoppingToken)
    {
        var progress = new BatchProgress(batch.Count, _limit);
        var delay = FirstDelay;
        (_flushing, _done) = (batch, 0);
        try
        {
            while (!progress.IsDone && source.IsOpen)
            {
                var slice = batch.Skip(progress.Position).Take(progress.Next).ToList();
                if (await TryAsync(source, slice, progress, stoppingToken) is { } failure)
                {
                    FlushLog.FlushFailed(logger, partition, slice.Count, delay, failure);
                    await Task.Delay(delay, time, stoppingToken);
                    delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
                }
                else
                {
                    delay = FirstDelay;
                }
            }
        }
        finally
        {
            _limit = progress.Limit;
            (_flushing, _done) = ([], 0);
        }
    }

    // Null where it came on, or where the next try is a smaller one.
    private async Task<Exception?> TryAsync(
        IEnvelopeSource source, List<ReceivedEnvelope> slice, BatchProgress progress, CancellationToken stoppingToken)
    {
        try
        {
            if (await CommitAsync(slice, progress, stoppingToken) is not { } failure)
            {
                await source.AcknowledgeAsync(slice[^1].Delivery, stoppingToken);
                Advance(slice, progress);
                return null;
            }

            return failure.IsSought ? null : failure.Cause;
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            // Redis and the database, the parking, or the acknowledgement: never the messages.
            return exception;
        }
    }

    private async Task<(Exception Cause, bool IsSought)?> CommitAsync(List<ReceivedEnvelope> slice, BatchProgress progress, CancellationToken stoppingToken)
    {
        try
        {
            await flusher.FlushAsync(partition, slice, stoppingToken);
            return null;
        }
        catch (CommitFailedException failed)
        {
            switch (FlushFailures.Classify(failed.Cause))
            {
                case FlushFailure.Timeout:
                    progress.TimedOut(slice.Count);
                    return (failed.Cause, IsSought: false);
                case FlushFailure.Content when slice.Count > 1:
                    FlushLog.Seeking(logger, partition, slice.Count, failed.Cause);
                    progress.Failed(slice.Count);
                    return (failed.Cause, IsSought: true);
                case FlushFailure.Content when await flusher.CanCommitAsync(partition, stoppingToken):
                    await flusher.ParkAsync(partition, slice[0], failed.Cause.Message, stoppingToken);
                    return null;
                default:
                    return (failed.Cause, IsSought: false);
            }
        }
    }

    private void Advance(List<ReceivedEnvelope> slice, BatchProgress progress)
    {
        progress.Done(slice.Count);
        _done = progress.Position;
        Acknowledged += slice.Count;
        LastFlush = time.GetUtcNow();
        LastSent = slice[^1].Envelope?.SentAt ?? LastSent;
    }
}
