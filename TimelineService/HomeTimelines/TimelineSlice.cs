namespace Floodgate.TimelineService.HomeTimelines;

/// <summary>Whether a home timeline can be read from Redis.</summary>
internal enum TimelineState
{
    /// <summary>There is none: never read, not read for long, forgotten after a follow, or lost.</summary>
    Missing = 0,

    /// <summary>Somebody is building it.</summary>
    Building = 1,

    /// <summary>Every post from its floor on is in it.</summary>
    Complete = 2,

    /// <summary>Redis does not answer.</summary>
    Unreachable = 3,
}

/// <summary>Part of a home timeline.</summary>
/// <param name="State">Whether it could be read.</param>
/// <param name="Floor">From which id on the timeline is complete; 0 where everything is in it.</param>
/// <param name="Ids">The ids, descending, none below the floor.</param>
internal readonly record struct TimelineSlice(TimelineState State, long Floor, long[] Ids)
{
    public static TimelineSlice Of(TimelineState state) => new(state, 0, []);
}
