using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Floodgate.Messaging.Counters;

/// <summary>
/// Which counter. Names and keys have 1 to 200 of <c>A-Z a-z 0-9 - _ . :</c>; a name of Floodgate's own begins with
/// <c>@</c>, which no name from outside may hold.
/// </summary>
/// <param name="Name">The counter's name.</param>
/// <param name="Key">What it counts for.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct CounterId(string Name, string Key) : IComparable<CounterId>
{
    /// <summary>The most characters of a name or a key.</summary>
    public const int MaximumLength = 200;

    /// <summary>The name of the likes of posts; their keys are the posts' ids.</summary>
    public const string LikesName = "@likes";

    private const string BarrierName = "@barrier";

    /// <summary>Whether this marks a place in a queue and counts nothing.</summary>
    public bool IsBarrier => Name == BarrierName;

    /// <summary>What marks a place in the queue of a partition, <c>@barrier/{partition}</c>.</summary>
    public static CounterId Barrier(int partition) => new(BarrierName, partition.ToString(CultureInfo.InvariantCulture));

    /// <summary>The likes of a post, <c>@likes/{post}</c>.</summary>
    public static CounterId Likes(long post) => new(LikesName, post.ToString(CultureInfo.InvariantCulture));

    /// <summary>What <see cref="IsPublic"/> asks for, for a caller to read.</summary>
    public const string PublicRule = "It has 1 to 200 letters, digits and -_.: characters.";

    /// <summary>Whether this is a name or a key that a caller may use.</summary>
    public static bool IsPublic([NotNullWhen(true)] string? text)
    {
        if (text is not { Length: > 0 and <= MaximumLength })
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.' or ':'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether this is a name: a public one, or <c>@</c> and a public one.</summary>
    public static bool IsName([NotNullWhen(true)] string? text) =>
        text is { Length: > 0 } && (text[0] == '@' ? IsPublic(text[1..]) : IsPublic(text));

    /// <inheritdoc/>
    public int CompareTo(CounterId other)
    {
        var order = string.CompareOrdinal(Name, other.Name);
        return order != 0 ? order : string.CompareOrdinal(Key, other.Key);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}/{Key}";

    /// <summary>Whether <paramref name="left"/> sorts before <paramref name="right"/>.</summary>
    public static bool operator <(CounterId left, CounterId right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> sorts before or with <paramref name="right"/>.</summary>
    public static bool operator <=(CounterId left, CounterId right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> sorts after <paramref name="right"/>.</summary>
    public static bool operator >(CounterId left, CounterId right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> sorts after or with <paramref name="right"/>.</summary>
    public static bool operator >=(CounterId left, CounterId right) => left.CompareTo(right) >= 0;
}
