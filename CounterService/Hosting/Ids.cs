using System.Globalization;

namespace Floodgate.CounterService.Hosting;

/// <summary>Ids as callers write them.</summary>
internal static class Ids
{
    public const string Rule = "An id is a number from 1 to 9007199254740991.";

    private const long Maximum = (1L << 53) - 1;

    public static bool TryParse(ReadOnlySpan<char> text, out long id) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id is > 0 and <= Maximum;

    /// <summary>Reads <c>1,2,3</c>.</summary>
    /// <returns>The ids without repeats; null where one of them is none, or there are none or too many.</returns>
    public static List<long>? ParseList(string? text, int most)
    {
        var ids = new List<long>();
        var seen = new HashSet<long>();
        foreach (var range in (text ?? "").AsSpan().Split(','))
        {
            if (!TryParse(text.AsSpan(range), out var id))
            {
                return null;
            }

            if (seen.Add(id))
            {
                ids.Add(id);
            }

            if (ids.Count > most)
            {
                return null;
            }
        }

        return ids;
    }
}
