using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Lag;
using Floodgate.CounterService.Telemetry;
using Microsoft.Extensions.Options;

namespace Floodgate.CounterService.Coalescing;

/// <summary>The coalescers of all partitions.</summary>
internal sealed class WriteCoalescer(
    EnvelopeSender sender, LagTracker lag, CounterTelemetry telemetry, IOptions<CounterOptions> options, TimeProvider time) : IHostedService
{
    private readonly PartitionCoalescer[] _partitions = [.. Enumerable.Range(0, options.Value.Partitions).Select(partition =>
        new PartitionCoalescer(partition, () => Guid.CreateVersion7(time.GetUtcNow()), sender, options.Value, time, lag.Partitions[partition]))];

    /// <summary>The coalescers, by partition.</summary>
    public IReadOnlyList<PartitionCoalescer> Partitions => _partitions;

    /// <summary>Waits until a write is durable, or cannot be said to be.</summary>
    /// <param name="partition">Its partition.</param>
    /// <param name="write">The write.</param>
    public ValueTask<WriteOutcome> WriteAsync(int partition, PendingWrite write)
    {
        if (_partitions[partition].TryAdd(write) is not { } refusal)
        {
            return write.Outcome;
        }

        return ValueTask.FromResult(Refused(partition, refusal));
    }

    /// <summary>Whether a write would be refused now, and why; null where it would be taken, as far as can be told.</summary>
    /// <param name="partition">Its partition.</param>
    public WriteOutcome? WouldRefuse(int partition) =>
        _partitions[partition].Refusal is { } refusal ? Refused(partition, refusal) : null;

    private WriteOutcome Refused(int partition, WriteStatus refusal)
    {
        telemetry.Refused(refusal);
        return WriteOutcome.Refused(refusal) with
        {
            RetryAfter = refusal == WriteStatus.Behind ? lag.Partitions[partition].RetryAfter : TimeSpan.Zero,
        };
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(_partitions.Select(partition => partition.CompleteAsync()))
            .WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
