using System.Buffers.Binary;
using Floodgate.Messaging.Counters;

namespace Floodgate.FlushWorker.Sharing;

/// <summary>
/// Which worker drains which partition: rendezvous hashing (https://en.wikipedia.org/wiki/Rendezvous_hashing) with a bound,
/// so that no worker has more than its even share, rounded up. Whoever knows the same workers comes to the same answer,
/// and few partitions move when a worker comes or goes.
/// </summary>
internal static class PartitionShares
{
    /// <summary>The worker of each partition.</summary>
    /// <param name="partitions">How many partitions there are.</param>
    /// <param name="workers">The workers that are alive, at least one, in any order.</param>
    public static Guid[] Assign(int partitions, IReadOnlyCollection<Guid> workers)
    {
        var most = (partitions + workers.Count - 1) / workers.Count;
        var counts = workers.ToDictionary(worker => worker, _ => 0);
        var owners = new Guid[partitions];
        for (var partition = 0; partition < partitions; partition++)
        {
            var owner = Rank(partition, workers).First(worker => counts[worker] < most);
            counts[owner]++;
            owners[partition] = owner;
        }

        return owners;
    }

    /// <summary>The workers in the order in which they come into question for a partition.</summary>
    public static IEnumerable<Guid> Rank(int partition, IReadOnlyCollection<Guid> workers) =>
        workers.OrderByDescending(worker => Weigh(partition, worker)).ThenBy(worker => worker);

    private static ulong Weigh(int partition, Guid worker)
    {
        Span<byte> bytes = stackalloc byte[16];
        worker.TryWriteBytes(bytes, bigEndian: true, out _);
        var weight = SplitMix.Mix(BinaryPrimitives.ReadUInt64BigEndian(bytes) + (ulong)partition);
        return SplitMix.Mix(weight ^ BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
    }
}
