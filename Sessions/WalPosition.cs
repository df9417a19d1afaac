using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Floodgate.Sessions;

/// <summary>
/// A place in the history of a PostgreSQL cluster: the timeline and the LSN on it. A promotion starts a new timeline, so
/// the timeline is compared first (https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-TIMELINES).
/// </summary>
/// <param name="Timeline">The timeline id; 1 after initdb, one more after each promotion; 0 means "no position".</param>
/// <param name="Lsn">The LSN on that timeline.</param>
/// <remarks>
/// The text form is fixed-width hexadecimal with the timeline in front, <c>00000001/000000000441F580</c>: its ordinal
/// order is the order of the positions, so that a Redis script can compare two of them as strings.
/// </remarks>
public readonly record struct WalPosition(uint Timeline, Lsn Lsn) : IComparable<WalPosition>
{
    /// <summary>The length of the text form, in characters.</summary>
    public const int TextLength = 8 + 1 + 16;

    /// <summary>No position: every node is at or past it.</summary>
    public static WalPosition None => default;

    /// <summary>The later of two positions.</summary>
    public static WalPosition Max(WalPosition a, WalPosition b) => a.CompareTo(b) >= 0 ? a : b;

    /// <inheritdoc/>
    public int CompareTo(WalPosition other) =>
        Timeline != other.Timeline ? Timeline.CompareTo(other.Timeline) : Lsn.CompareTo(other.Lsn);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Timeline:X8}/{Lsn.Value:X16}");

    /// <summary>Reads the text form.</summary>
    /// <param name="text">What <see cref="ToString"/> wrote.</param>
    /// <param name="position">The position, or <see cref="None"/>.</param>
    /// <returns>Whether the text is a position.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out WalPosition position)
    {
        position = default;
        if (text is not { Length: TextLength } || text[8] != '/'
            || !uint.TryParse(text.AsSpan(0, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var timeline)
            || !ulong.TryParse(text.AsSpan(9), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var lsn))
        {
            return false;
        }

        position = new WalPosition(timeline, new Lsn(lsn));
        return true;
    }

    /// <summary>Whether <paramref name="left"/> lies before <paramref name="right"/>.</summary>
    public static bool operator <(WalPosition left, WalPosition right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> lies at or before <paramref name="right"/>.</summary>
    public static bool operator <=(WalPosition left, WalPosition right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> lies past <paramref name="right"/>.</summary>
    public static bool operator >(WalPosition left, WalPosition right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> lies at or past <paramref name="right"/>.</summary>
    public static bool operator >=(WalPosition left, WalPosition right) => left.CompareTo(right) >= 0;
}
