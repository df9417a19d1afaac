namespace Floodgate.TimelineService.Input;

/// <summary>The time in the ids of posts: milliseconds since 2025-01-01 UTC above 12 bits of a sequence (migration 001).</summary>
internal static class PostTime
{
    private const int SequenceBits = 12;

    private static readonly DateTimeOffset Start = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>When the post was written, to the millisecond.</summary>
    public static DateTimeOffset Of(long post) => Start.AddMilliseconds(post >> SequenceBits);
}
