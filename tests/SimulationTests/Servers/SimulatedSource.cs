using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Floodgate.FlushWorker.Consuming;
using Floodgate.SimulationTests.Scheduling;

namespace Floodgate.SimulationTests.Servers;

/// <summary>A consumer's channel, as the process and as the broker see it: for a moment they may disagree on whether it is open.</summary>
internal sealed class SimulatedSource(Scheduler scheduler, SimulatedBroker broker, SimulatedQueue queue, SimulatedProcess process, int prefetch)
    : IEnvelopeSource
{
    private readonly Channel<Delivery> _deliveries = Channel.CreateUnbounded<Delivery>();
    private ulong _tag;
    private bool _isClosed;

    /// <summary>Whose it is.</summary>
    public SimulatedProcess Process => process;

    /// <summary>What the broker has handed out and waits for, by tag.</summary>
    public SortedDictionary<ulong, byte[]> Unacknowledged { get; } = [];

    /// <summary>Whether the broker may hand out more.</summary>
    public bool HasRoom => Unacknowledged.Count < prefetch;

    /// <inheritdoc/>
    public bool IsOpen => !_isClosed;

    /// <inheritdoc/>
    public bool TryRead([NotNullWhen(true)] out Delivery? delivery) => _deliveries.Reader.TryRead(out delivery);

    /// <inheritdoc/>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken) => _deliveries.Reader.WaitToReadAsync(cancellationToken);

    /// <inheritdoc/>
    public Task AcknowledgeAsync(Delivery through, CancellationToken cancellationToken)
    {
        if (_isClosed)
        {
            throw new IOException("The channel is closed.");
        }

        // It is sent; nobody says whether it arrives.
        scheduler.PostLater(owner: null, broker.Delay(), () => Acknowledge(through.Tag));
        return Task.CompletedTask;
    }

    /// <summary>The broker hands a message out.</summary>
    public void HandOut(byte[] body)
    {
        var delivery = new Delivery(++_tag, body);
        if (!broker.AcknowledgesAtOnce)
        {
            Unacknowledged.Add(delivery.Tag, body);
        }

        scheduler.PostLater(owner: null, TimeSpan.Zero, () => _deliveries.Writer.TryWrite(delivery));
    }

    /// <summary>The process learns that the channel is lost.</summary>
    public void Close()
    {
        _isClosed = true;
        _deliveries.Writer.TryComplete();
    }

    private void Acknowledge(ulong through)
    {
        if (broker.AcknowledgesAtOnce || !broker.IsUp)
        {
            return;
        }

        var tags = Unacknowledged.Keys.TakeWhile(tag => tag <= through).ToArray();
        if (tags.Length == 0 && !_isClosed && queue.Has(this))
        {
            scheduler.Fail($"{process.Name} acknowledges {through} of p{queue.Partition}, which the broker does not wait for.");
        }

        scheduler.Note($"p{queue.Partition}: {process.Name} acknowledges {tags.Length} messages");
        foreach (var tag in tags)
        {
            Unacknowledged.Remove(tag);
        }

        queue.HandOut();
    }
}
