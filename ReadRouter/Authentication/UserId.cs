using System.Globalization;

namespace Floodgate.ReadRouter.Authentication;

/// <summary>Ids of users: integers from 1 below 2^53, which a browser holds exactly.</summary>
internal static class UserId
{
    public const long Maximum = (1L << 53) - 1;

    public static bool IsValid(long id) => id is >= 1 and <= Maximum;

    public static bool TryParse(string? text, out long id) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && IsValid(id);
}
