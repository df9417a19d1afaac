using System.Globalization;
using Floodgate.Sessions;

namespace Floodgate.Leases.Store;

/// <summary>What the field <c>m</c> of an entry says of its value.</summary>
/// <param name="Holds">Everything up to here is in the value.</param>
/// <param name="Shown">Nothing in the value is newer.</param>
/// <param name="SoftExpiry">When it is to be refreshed, by the clock of Redis, in milliseconds since 1970.</param>
/// <param name="Cost">How long the fill took: Δ of XFetch.</param>
/// <param name="Exists">Whether there is a value; otherwise the origin has none.</param>
/// <param name="Generation">Under which run of Redis and which epoch it was written.</param>
internal sealed record EntryMeta(WalPosition Holds, WalPosition Shown, long SoftExpiry, TimeSpan Cost, bool Exists, string Generation)
{
    private const int Fields = 6;

    private static volatile string _generation = "";

    /// <summary>Reads the text that the scripts write; null where it is none.</summary>
    public static EntryMeta? Read(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        var fields = text.Split(' ', Fields);
        return fields.Length == Fields && WalPosition.TryParse(fields[0], out var holds) && WalPosition.TryParse(fields[1], out var shown)
            && long.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var soft)
            && long.TryParse(fields[3], NumberStyles.None, CultureInfo.InvariantCulture, out var cost)
            ? new EntryMeta(holds, shown, soft, TimeSpan.FromMilliseconds(cost), fields[4] == "+", Shared(fields[5]))
            : null;
    }

    // Nearly all entries are of one generation, which is compared with each page: one text for all of them.
    private static string Shared(string generation)
    {
        var last = _generation;
        if (last == generation)
        {
            return last;
        }

        _generation = generation;
        return generation;
    }
}
