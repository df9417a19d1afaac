using System.Globalization;

namespace Floodgate.Model;

/// <summary>Where a position stands on a line of timelines.</summary>
internal enum ModelStanding
{
    On,
    Lost,
    Ahead,
}

/// <summary>What <c>lease-prelude.lua</c> says of positions, histories and generations, all of them texts.</summary>
internal static class ModelPositions
{
    /// <summary>Whether a snapshot holds all that was written up to a floor.</summary>
    public static bool Passes(string holds, string floor, string history)
    {
        var (lsn, standing) = Place(holds, history);
        if (standing == ModelStanding.Lost)
        {
            return false;
        }

        if (string.CompareOrdinal(holds, 0, floor, 0, 8) == 0)
        {
            return string.CompareOrdinal(holds, 9, floor, 9, 16) >= 0;
        }

        var (wanted, ofFloor) = Place(floor, history);
        return standing != ModelStanding.Ahead && ofFloor != ModelStanding.Ahead && (wanted is null || string.CompareOrdinal(lsn, wanted) >= 0);
    }

    /// <summary>Where a position stands.</summary>
    public static ModelStanding StandingOf(string position, string history) => Place(position, history).Standing;

    /// <summary>Whether what was written under a generation is believed by who knows of another.</summary>
    public static bool Believes(string theirs, string mine)
    {
        if (theirs == mine)
        {
            return true;
        }

        var (end, theirEnd) = (mine.IndexOf(':', StringComparison.Ordinal), theirs.IndexOf(':', StringComparison.Ordinal));
        return end > 0 && theirEnd > 0 && mine[end..] == theirs[theirEnd..]
            && long.Parse(theirs[..theirEnd], CultureInfo.InvariantCulture) > long.Parse(mine[..end], CultureInfo.InvariantCulture);
    }

    public static string HoldsOf(string meta) => meta[..25];

    public static string ShownOf(string meta) => meta[26..51];

    public static string GenerationOf(string meta) => meta.Split(' ', 6)[5];

    private static (string? Lsn, ModelStanding Standing) Place(string position, string history)
    {
        var lsn = position[9..25];
        var order = string.CompareOrdinal(position, 0, history, 0, 8);
        if (order == 0)
        {
            return (lsn, ModelStanding.On);
        }

        if (order > 0)
        {
            return (lsn, ModelStanding.Ahead);
        }

        var end = history.IndexOf($"{position[..8]}=", StringComparison.Ordinal);
        if (end < 0)
        {
            return (null, ModelStanding.Lost);
        }

        var last = history.Substring(end + 9, 16);
        return string.CompareOrdinal(lsn, last) > 0 ? (last, ModelStanding.Lost) : (lsn, ModelStanding.On);
    }
}
