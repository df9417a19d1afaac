using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Telemetry;
using Microsoft.Extensions.Options;

namespace Floodgate.CounterService.Coalescing;

/// <summary>The coalescers of all partitions.</summary>
internal sealed class WriteCoalescer : IHostedService, IDisposable
{
    private readonly PartitionCoalescer[] _partitions;
    private readonly CounterTelemetry _telemetry;
    private Task _running = Task.CompletedTask;

    public WriteCoalescer(EnvelopeSender sender, CounterTelemetry telemetry, IOptions<CounterOptions> options, TimeProvider time)
    {
        // Version 7, so that ledger rows of one time lie together; new at each start, so that no sequence is used twice.
        Producer = Guid.CreateVersion7(time.GetUtcNow());
        _telemetry = telemetry;
        _partitions = [.. Enumerable.Range(0, options.Value.Partitions)
            .Select(partition => new PartitionCoalescer(partition, Producer, sender, options.Value, time))];
    }

    /// <summary>Who this process is in the ledger.</summary>
    public Guid Producer { get; }

    /// <summary>The coalescers, by partition.</summary>
    public IReadOnlyList<PartitionCoalescer> Partitions => _partitions;

    /// <summary>Waits until a write is durable, or cannot be said to be.</summary>
    /// <param name="partition">Its partition.</param>
    /// <param name="write">The write.</param>
    public Task<WriteOutcome> WriteAsync(int partition, PendingWrite write)
    {
        if (!_partitions[partition].TryAdd(write))
        {
            _telemetry.Refused();
            return Task.FromResult(WriteOutcome.Busy);
        }

        return write.Outcome;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.WhenAll(_partitions.Select(partition => Task.Run(partition.RunAsync, CancellationToken.None)));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var partition in _partitions)
        {
            partition.Complete();
        }

        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var partition in _partitions)
        {
            partition.Dispose();
        }
    }
}
