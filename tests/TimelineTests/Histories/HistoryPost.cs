using System.Globalization;
using Floodgate.Sessions;

namespace Floodgate.TimelineTests.Histories;

/// <summary>A post of a history, as far as its author knows.</summary>
/// <param name="number">Its number.</param>
/// <param name="author">The number of its author.</param>
internal sealed class HistoryPost(int number, int author)
{
    private const int Words = 3;

    private readonly List<(int Version, WalPosition At)> _texts = [];

    public int Number => number;

    public int Author => author;

    /// <summary>Its id; 0 while nobody knows it.</summary>
    public long Id { get; set; }

    /// <summary>When its author was answered; 0: not yet.</summary>
    public long WrittenAt { get; private set; }

    /// <summary>Where the primary was then.</summary>
    public WalPosition Position { get; private set; }

    /// <summary>From where on followers see it, whatever they have seen otherwise; null while it may be on its way.</summary>
    public WalPosition? DrainedAt { get; set; }

    /// <summary>Whether somebody has begun to delete it.</summary>
    public bool DeleteBegan { get; set; }

    /// <summary>The position of the deletion, once it was acknowledged.</summary>
    public WalPosition? DeletedAt { get; set; }

    /// <summary>The last version of its text that was sent.</summary>
    public int LastVersion { get; private set; }

    public string Text(int seed, int version) => string.Create(CultureInfo.InvariantCulture, $"{seed} {number} {version}");

    /// <summary>Reads the number and the version of a post out of its text; (-1, -1) where it is none of this history.</summary>
    public static (int Number, int Version) Parse(int seed, string text)
    {
        var words = text.Split(' ');
        return words.Length == Words && words[0] == seed.ToString(CultureInfo.InvariantCulture)
            && int.TryParse(words[1], CultureInfo.InvariantCulture, out var number) && int.TryParse(words[2], CultureInfo.InvariantCulture, out var version)
            ? (number, version) : (-1, -1);
    }

    /// <summary>Its author was answered.</summary>
    public void Written(long id, WalPosition position, long now)
    {
        (Id, Position, WrittenAt) = (id, position, now);
        _texts.Add((0, position));
    }

    public int BeginEdit() => ++LastVersion;

    public void Edited(int version, WalPosition position) => _texts.Add((version, position));

    /// <summary>The oldest version that may still be shown to who has seen a position.</summary>
    public int VersionAt(WalPosition seen) => _texts.Where(text => text.At <= seen).Select(text => text.Version).DefaultIfEmpty(0).Max();
}
