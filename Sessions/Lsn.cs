using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Floodgate.Sessions;

/// <summary>
/// A log sequence number: a byte position in PostgreSQL's write-ahead log. Written as PostgreSQL's <c>pg_lsn</c> is,
/// <c>16/B374D848</c> (https://www.postgresql.org/docs/current/datatype-pg-lsn.html). Positions of different
/// timelines do not compare: see <see cref="WalPosition"/>.
/// </summary>
/// <param name="Value">Bytes from the start of the log; 0 means "nothing".</param>
public readonly record struct Lsn(ulong Value) : IComparable<Lsn>, ISpanParsable<Lsn>
{
    /// <summary>The position before any write.</summary>
    public static Lsn Zero => default;

    /// <summary>The distance in bytes from <paramref name="earlier"/> to this position; 0 when it is not behind.</summary>
    public ulong BytesPast(Lsn earlier) => Value > earlier.Value ? Value - earlier.Value : 0;

    /// <inheritdoc/>
    public int CompareTo(Lsn other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(uint)(Value >> 32):X}/{(uint)Value:X}");

    /// <inheritdoc/>
    public static Lsn Parse(ReadOnlySpan<char> s, IFormatProvider? provider) =>
        TryParse(s, provider, out var lsn) ? lsn : throw new FormatException($"'{s}' is not an LSN of the form 16/B374D848.");

    /// <inheritdoc/>
    public static Lsn Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan(), provider);

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out Lsn result)
    {
        result = default;
        var slash = s.IndexOf('/');
        if (slash is < 1 or > 8 || s.Length - slash - 1 is < 1 or > 8
            || !uint.TryParse(s[..slash], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var high)
            || !uint.TryParse(s[(slash + 1)..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var low))
        {
            return false;
        }

        result = new Lsn(((ulong)high << 32) | low);
        return true;
    }

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Lsn result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <summary>Whether <paramref name="left"/> lies before <paramref name="right"/>.</summary>
    public static bool operator <(Lsn left, Lsn right) => left.Value < right.Value;

    /// <summary>Whether <paramref name="left"/> lies at or before <paramref name="right"/>.</summary>
    public static bool operator <=(Lsn left, Lsn right) => left.Value <= right.Value;

    /// <summary>Whether <paramref name="left"/> lies past <paramref name="right"/>.</summary>
    public static bool operator >(Lsn left, Lsn right) => left.Value > right.Value;

    /// <summary>Whether <paramref name="left"/> lies at or past <paramref name="right"/>.</summary>
    public static bool operator >=(Lsn left, Lsn right) => left.Value >= right.Value;
}
