using System.Diagnostics.CodeAnalysis;

namespace Floodgate.FlushWorker.Consuming;

/// <summary>
/// Where a partition's messages come from, in order. What is not acknowledged when it closes comes again, to this worker
/// or another.
/// </summary>
internal interface IEnvelopeSource
{
    /// <summary>Whether it gives messages still, and takes acknowledgements.</summary>
    bool IsOpen { get; }

    /// <summary>Takes the next message, if one is there.</summary>
    bool TryRead([NotNullWhen(true)] out Delivery? delivery);

    /// <summary>Waits for a message.</summary>
    /// <returns>False once the source is closed and all that it gave is read.</returns>
    ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken);

    /// <summary>Acknowledges a message and all before it: they will not come again.</summary>
    /// <exception cref="Exception">The source is closed: they come again.</exception>
    Task AcknowledgeAsync(Delivery through, CancellationToken cancellationToken);
}
