using System.Runtime.InteropServices;

namespace Floodgate.FlushWorker.Lag;

/// <summary>How far the flush of a partition is behind.</summary>
/// <param name="Depth">Messages that wait or are held.</param>
/// <param name="Age">How long ago the oldest of them was sent, about; zero where there is none.</param>
/// <param name="TimeToDrain">How long they take at the rate of late; null where nothing was drained yet.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PartitionLag(long Depth, TimeSpan Age, TimeSpan? TimeToDrain)
{
    // Longer is only said to be as long: a day and a week call for the same.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>Works it out.</summary>
    /// <param name="ready">Messages that wait.</param>
    /// <param name="held">Messages that are held.</param>
    /// <param name="oldest">When the oldest one held was sent, or, where none is held, the last one that was flushed.</param>
    /// <param name="rate">Messages a second that are drained.</param>
    /// <param name="now">The time.</param>
    public static PartitionLag Of(long ready, int held, DateTimeOffset? oldest, double rate, DateTimeOffset now)
    {
        var depth = ready + held;
        if (depth == 0)
        {
            return new PartitionLag(0, TimeSpan.Zero, TimeSpan.Zero);
        }

        var age = oldest is { } sent && now > sent ? now - sent : TimeSpan.Zero;
        TimeSpan? left = rate <= 0 ? null : depth / rate < Longest.TotalSeconds ? TimeSpan.FromSeconds(depth / rate) : Longest;
        return new PartitionLag(depth, age, left);
    }
}
