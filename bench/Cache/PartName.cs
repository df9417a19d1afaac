namespace Floodgate.Bench.Cache;

/// <summary>What the parts of the run are called on the command line.</summary>
internal static class PartName
{
    /// <summary>Many callers at once on one key that nobody has.</summary>
    public const string Cold = "cold";

    /// <summary>The same on a key whose value is past its soft expiry.</summary>
    public const string Expired = "expired";

    /// <summary>Reads at several hit ratios.</summary>
    public const string Ratios = "ratios";

    /// <summary>A hot set that expires every second.</summary>
    public const string Expiring = "expiring";

    /// <summary>A hot set that is written every second.</summary>
    public const string Written = "written";

    /// <summary>Bytes of Redis memory for each entry.</summary>
    public const string Memory = "memory";

    /// <summary>Commands and round trips of each call.</summary>
    public const string Trips = "trips";

    /// <summary>All, in the order in which they run.</summary>
    public static IReadOnlyList<string> All { get; } = [Cold, Expired, Ratios, Expiring, Written, Memory, Trips];
}
