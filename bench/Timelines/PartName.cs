namespace Floodgate.Bench.Timelines;

/// <summary>What the parts of the run are called on the command line.</summary>
internal static class PartName
{
    /// <summary>A pipelined ZADD by redis-benchmark.</summary>
    public const string Limit = "limit";

    /// <summary>The write stage of fan-out alone.</summary>
    public const string Stage = "stage";

    /// <summary>Fan-out from the commit to the timelines.</summary>
    public const string FanOut = "fanout";

    /// <summary>What a post costs as its audience grows.</summary>
    public const string Audience = "audience";

    /// <summary>Pages of ids.</summary>
    public const string Ids = "ids";

    /// <summary>Whole pages through HTTP.</summary>
    public const string Pages = "pages";

    /// <summary>Commands and round trips of a page.</summary>
    public const string Trips = "trips";

    /// <summary>Bytes of Redis memory for each entry.</summary>
    public const string Bytes = "bytes";

    /// <summary>All, in the order in which they run.</summary>
    public static IReadOnlyList<string> All { get; } = [Limit, Stage, FanOut, Audience, Ids, Pages, Trips, Bytes];
}
