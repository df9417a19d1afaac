using Floodgate.FlushWorker.Hosting;

namespace Floodgate.FlushWorker.Consuming;

/// <summary>
/// Gathers the messages of a batch, bounded by their number and by the writes in them. A message that would make the batch
/// too large begins the next; one that is larger by itself is a batch of its own.
/// </summary>
internal sealed class BatchGatherer(int partition, IEnvelopeSource source, FlushOptions options, TimeProvider time)
{
    private const ConfigureAwaitOptions Quietly = ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext;

    private List<ReceivedEnvelope> _batch = [];
    private int _writes;
    private ReceivedEnvelope? _next;

    /// <summary>How many messages were read and are in no finished batch yet.</summary>
    public int Held => _batch.Count + (_next is null ? 0 : 1);

    /// <summary>When the oldest of them was sent; null where none is held, or it cannot be read.</summary>
    public DateTimeOffset? Oldest => (_batch.Count > 0 ? _batch[0] : _next)?.Envelope?.SentAt;

    /// <summary>Waits until there is something to gather.</summary>
    /// <returns>False once the source is closed.</returns>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        if (_next is null && await source.WaitToReadAsync(cancellationToken) && source.TryRead(out var delivery))
        {
            _next = new ReceivedEnvelope(delivery, partition);
        }

        return _next is not null;
    }

    /// <summary>Gathers for an interval, or for as long as a flush is under way, or until the batch is full.</summary>
    /// <param name="interval">How long.</param>
    /// <param name="flushing">The flush that the batch has to wait for anyway; null where none is under way.</param>
    /// <param name="letGo">Ends it early.</param>
    /// <returns>The batch, with one message at least after <see cref="WaitAsync"/> said that there is something.</returns>
    public async Task<IReadOnlyList<ReceivedEnvelope>> GatherAsync(TimeSpan interval, Task? flushing, CancellationToken letGo)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(letGo);
        var ending = EndAsync(over, interval, flushing);
        try
        {
            while (Fill() && await source.WaitToReadAsync(over.Token))
            {
            }
        }
        catch (OperationCanceledException)
        {
            // The interval is over: this is the batch.
        }

        Cancel(over);
        await ending.ConfigureAwait(Quietly);
        var batch = _batch;
        (_batch, _writes) = ([], 0);
        return batch;
    }

    private async Task EndAsync(CancellationTokenSource over, TimeSpan interval, Task? flushing)
    {
        // A flush that fails says so to whoever waits for it.
        await (flushing?.WaitAsync(over.Token) ?? Task.Delay(interval, time, over.Token)).ConfigureAwait(Quietly);
        Cancel(over);
    }

    // Not CancelAsync, which would go to another thread.
#pragma warning disable CA1849, MA0042
    private static void Cancel(CancellationTokenSource source) => source.Cancel();
#pragma warning restore CA1849, MA0042

    // Whether there is room for more.
    private bool Fill()
    {
        while (_batch.Count < options.BatchEnvelopes && _writes < options.BatchWrites)
        {
            if (_next is null)
            {
                if (!source.TryRead(out var delivery))
                {
                    return true;
                }

                _next = new ReceivedEnvelope(delivery, partition);
            }

            if (_batch.Count > 0 && _writes + _next.Writes > options.BatchWrites)
            {
                return false;
            }

            _batch.Add(_next);
            _writes += _next.Writes;
            _next = null;
        }

        return false;
    }
}
