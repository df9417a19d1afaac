using System.Numerics;

namespace Floodgate.Bench.Measuring;

/// <summary>
/// Durations in buckets that grow with the value, so that each is known to better than 1 % from 1 µs to over an hour
/// in a fixed 28 KiB. Safe for concurrent recording; percentiles are meant for when recording has ended.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 7;
    private const int SubBuckets = 1 << SubBits;
    private const int MaxBits = 33;

    private readonly long[] _counts = new long[(MaxBits - SubBits + 1) * SubBuckets];
    private long _count;
    private long _maxMicroseconds;

    /// <summary>How many were recorded.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>The longest, exactly; zero if there is none.</summary>
    public TimeSpan Max => TimeSpan.FromMicroseconds(Volatile.Read(ref _maxMicroseconds));

    /// <summary>What was recorded, to be added elsewhere: how many are in each bucket that is not empty.</summary>
    public IReadOnlyDictionary<int, long> Buckets =>
        Enumerable.Range(0, _counts.Length).Where(bucket => Volatile.Read(ref _counts[bucket]) > 0).ToDictionary(bucket => bucket, bucket => Volatile.Read(ref _counts[bucket]));

    /// <summary>Adds what another process recorded.</summary>
    /// <param name="buckets">Its <see cref="Buckets"/>.</param>
    /// <param name="max">Its <see cref="Max"/>.</param>
    public void Add(IReadOnlyDictionary<int, long> buckets, TimeSpan max)
    {
        foreach (var (bucket, count) in buckets)
        {
            Interlocked.Add(ref _counts[bucket], count);
            Interlocked.Add(ref _count, count);
        }

        RaiseMax(max.Ticks / TimeSpan.TicksPerMicrosecond);
    }

    /// <summary>Adds one duration. A negative one counts as zero.</summary>
    public void Record(TimeSpan duration)
    {
        var microseconds = Math.Clamp(duration.Ticks / TimeSpan.TicksPerMicrosecond, 0, (1L << MaxBits) - 1);
        Interlocked.Increment(ref _counts[BucketOf(microseconds)]);
        Interlocked.Increment(ref _count);
        RaiseMax(microseconds);
    }

    /// <summary>Adds all of another one, which nobody records to meanwhile.</summary>
    public void Add(LatencyHistogram other)
    {
        for (var bucket = 0; bucket < _counts.Length; bucket++) Interlocked.Add(ref _counts[bucket], Volatile.Read(ref other._counts[bucket]));
        Interlocked.Add(ref _count, other.Count);
        RaiseMax(Volatile.Read(ref other._maxMicroseconds));
    }

    /// <summary>The duration that <paramref name="fraction"/> of all do not exceed; zero if there is none.</summary>
    /// <param name="fraction">From 0 to 1.</param>
    public TimeSpan Percentile(double fraction)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fraction);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fraction, 1);
        var rank = Math.Max(1, (long)Math.Ceiling(fraction * Count));
        long passed = 0;
        for (var bucket = 0; bucket < _counts.Length; bucket++)
        {
            passed += Volatile.Read(ref _counts[bucket]);
            if (passed >= rank) return TimeSpan.FromMicroseconds(Math.Min(HighestIn(bucket), Volatile.Read(ref _maxMicroseconds)));
        }

        return TimeSpan.Zero;
    }

    private void RaiseMax(long microseconds)
    {
        var max = Volatile.Read(ref _maxMicroseconds);
        while (microseconds > max)
        {
            var seen = Interlocked.CompareExchange(ref _maxMicroseconds, microseconds, max);
            if (seen == max) break;
            max = seen;
        }
    }

    // Up to 2^7 each value has a bucket of its own; from there each power of two is cut into 2^7 equal buckets, so that
    // the index is the power and, below it, the seven bits after the leading one.
    private static int BucketOf(long value)
    {
        if (value < SubBuckets) return (int)value;
        var shift = BitOperations.Log2((ulong)value) - SubBits;
        return ((shift + 1) << SubBits) + (int)((value >> shift) - SubBuckets);
    }

    private static long HighestIn(int bucket)
    {
        if (bucket < SubBuckets) return bucket;
        var shift = (bucket >> SubBits) - 1;
        var lowest = (long)((bucket & (SubBuckets - 1)) + SubBuckets) << shift;
        return lowest + (1L << shift) - 1;
    }
}
