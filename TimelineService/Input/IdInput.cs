using System.Globalization;
using Floodgate.Problems;

namespace Floodgate.TimelineService.Input;

/// <summary>Ids of users and posts as they come in a path.</summary>
internal static class IdInput
{
    /// <summary>One more than the largest id: ids are exact in a double, so in a browser and in a Redis score.</summary>
    public const long End = 1L << 53;

    public static bool IsValid(long id) => id is > 0 and < End;

    /// <exception cref="InvalidInputException">It is not an id.</exception>
    public static long Parse(string text, string field) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && IsValid(id)
            ? id
            : throw new InvalidInputException(field, "This must be a whole number from 1 to 9007199254740991.");
}
