using Floodgate.FlushWorker.Lag;

namespace Floodgate.FlushWorker.Sharing;

/// <summary>
/// When this worker drains a partition: its own always, another's only while nobody consumes it. The next in rank waits
/// longer than the one before it, so that not all come at once.
/// </summary>
internal sealed class PartitionTurn(int partition, WorkerRoster roster, QueueWatch queues, TimeProvider time)
{
    // One round without a consumer may be just the change from one to the next.
    private const int Rounds = 2;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private DateTime _takenAt;

    /// <summary>Waits until it is this worker's turn.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        while (roster.IsLost || (!roster.IsOwn(partition) && queues.RoundsWithoutConsumer(partition) < Rounds + roster.Place(partition)))
        {
            await Task.Delay(Interval, time, cancellationToken);
        }

        _takenAt = roster.AsOf;
    }

    /// <summary>
    /// Waits until another is to go on: the partition's own worker, that has shown itself alive since this one took over, or
    /// any once this one is lost.
    /// </summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        while (!roster.IsLost && (roster.IsOwn(partition) || !roster.IsOwnerBack(partition, _takenAt)))
        {
            if (roster.IsOwn(partition))
            {
                _takenAt = roster.AsOf;
            }

            await Task.Delay(Interval, time, cancellationToken);
        }
    }
}
