using System.Globalization;

namespace Floodgate.Bench.Graphs;

/// <summary>Reads fields separated by blanks or tabs from a line, without taking it apart.</summary>
internal ref struct Fields(ReadOnlySpan<char> line)
{
    private ReadOnlySpan<char> _rest = line.Trim();

    /// <summary>The next field; empty at the end.</summary>
    public ReadOnlySpan<char> Next()
    {
        var end = _rest.IndexOfAny(' ', '\t');
        var field = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? default : _rest[end..].TrimStart();
        return field;
    }

    /// <summary>The next field as an id: a whole number from 1 to 2^53 − 1.</summary>
    public bool TryId(out long id) => TryWhole(out id) && id is > 0 and < 1L << 53;

    /// <summary>The next field as a whole number.</summary>
    public bool TryWhole(out long value) => long.TryParse(Next(), NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
