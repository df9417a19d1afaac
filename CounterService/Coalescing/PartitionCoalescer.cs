using System.Threading.Channels;
using Floodgate.CounterService.Hosting;
using Floodgate.Messaging.Counters;

namespace Floodgate.CounterService.Coalescing;

/// <summary>
/// Group commit for one partition: gathers the writes of a short window into one envelope, keeps their order, and has
/// several envelopes in flight.
/// </summary>
internal sealed class PartitionCoalescer(int partition, Guid producer, EnvelopeSender sender, CounterOptions options, TimeProvider time)
    : IDisposable
{
    private readonly SemaphoreSlim _inFlight = new(options.EnvelopesInFlight, options.EnvelopesInFlight);
    private readonly Channel<PendingWrite> _waiting = Channel.CreateBounded<PendingWrite>(
        new BoundedChannelOptions(options.WaitingWrites) { SingleReader = true });

    private long _sequence;

    /// <summary>How many writes wait for an envelope.</summary>
    public int Waiting => _waiting.Reader.Count;

    /// <summary>How many envelopes wait for their confirm.</summary>
    public int InFlight => options.EnvelopesInFlight - _inFlight.CurrentCount;

    /// <summary>The number of the last envelope.</summary>
    public long Sequence => Volatile.Read(ref _sequence);

    /// <summary>Takes a write, if there is room.</summary>
    public bool TryAdd(PendingWrite write) => _waiting.Writer.TryWrite(write);

    /// <summary>Takes no more writes; <see cref="RunAsync"/> ends once those it has are decided.</summary>
    public void Complete() => _waiting.Writer.TryComplete();

    /// <summary>Makes envelopes until <see cref="Complete"/>.</summary>
    public async Task RunAsync()
    {
        while (await _waiting.Reader.WaitToReadAsync())
        {
            await _inFlight.WaitAsync();
            if (options.CoalesceWindow > TimeSpan.Zero && _waiting.Reader.Count < options.EnvelopeWrites)
            {
                await Task.Delay(options.CoalesceWindow, time, CancellationToken.None);
            }

            var writes = new List<PendingWrite>(Math.Min(_waiting.Reader.Count, options.EnvelopeWrites));
            while (writes.Count < options.EnvelopeWrites && _waiting.Reader.TryRead(out var write))
            {
                writes.Add(write);
            }

            var id = new EnvelopeId(producer, partition, ++_sequence);
            _ = SendAsync(id, writes);
        }

        for (var i = 0; i < options.EnvelopesInFlight; i++)
        {
            await _inFlight.WaitAsync();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _inFlight.Dispose();

    // Runs up to the publish before it returns, so the order of the envelopes is the order on the wire.
    private async Task SendAsync(EnvelopeId id, List<PendingWrite> writes)
    {
        try
        {
            await sender.SendAsync(id, writes);
        }
        finally
        {
            _inFlight.Release();
        }
    }
}
