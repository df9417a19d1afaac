namespace Floodgate.TimelineService.HomeTimelines;

/// <summary>Whether a home timeline can be read from Redis.</summary>
internal enum TimelineState
{
    /// <summary>There is none: never read, not read for long, forgotten after a follow, or lost.</summary>
    Missing = 0,

    /// <summary>Somebody is building it.</summary>
    Building = 1,

    /// <summary>It was read.</summary>
    Complete = 2,

    /// <summary>Redis does not answer.</summary>
    Unreachable = 3,

    /// <summary>What was read does not tell: too much was pushed since it was last settled.</summary>
    Unsettled = 4,
}

/// <summary>Part of a home timeline.</summary>
/// <param name="State">Whether it could be read.</param>
/// <param name="Floor">From which id on every post of the timeline is among <paramref name="Ids"/>; 0 where everything is.</param>
/// <param name="Ids">The ids, descending, each once, none below the floor.</param>
/// <param name="IsAll">Whether Redis has no more than this: what is below the floor is to be had from SQL only.</param>
internal readonly record struct TimelineSlice(TimelineState State, long Floor, long[] Ids, bool IsAll)
{
    public static TimelineSlice Of(TimelineState state) => new(state, 0, [], IsAll: true);
}
