namespace Floodgate.FlushWorker.Applying;

/// <summary>When a producer was made: its version 7 UUID says so (RFC 9562).</summary>
internal static class ProducerAge
{
    private const int TimestampBytes = 6;

    /// <summary>
    /// Whether a producer was made before a time. One whose UUID is of another version does not say when: as soon as any
    /// has been retired, it may have been.
    /// </summary>
    /// <param name="producer">The producer.</param>
    /// <param name="time">The time (UTC); <see cref="DateTime.MinValue"/> where none was ever retired.</param>
    public static bool MadeBefore(Guid producer, DateTime time)
    {
        if (time == DateTime.MinValue)
        {
            return false;
        }

        return producer.Version != 7 || MillisecondsOf(producer) < new DateTimeOffset(time, TimeSpan.Zero).ToUnixTimeMilliseconds();
    }

    private static long MillisecondsOf(Guid producer)
    {
        Span<byte> bytes = stackalloc byte[16];
        producer.TryWriteBytes(bytes, bigEndian: true, out _);
        var milliseconds = 0L;
        foreach (var part in bytes[..TimestampBytes])
        {
            milliseconds = (milliseconds << 8) | part;
        }

        return milliseconds;
    }
}
