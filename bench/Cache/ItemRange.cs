namespace Floodgate.Bench.Cache;

/// <summary>Which items are there, and what for.</summary>
/// <param name="options">The options.</param>
internal sealed class ItemRange(CacheOptions options)
{
    /// <summary>How long an item's text is: its JSON has about 200 bytes.</summary>
    public const int TextBytes = 166;

    // As many as are read at most in a second, by all processes together.
    private const int FreshPerSecond = 25_000;

    private const int SingleItems = 40_000;

    private long _single;

    /// <summary>Those that are read again and again are 1 to this.</summary>
    public int Keys => options.Keys;

    /// <summary>The first one that is read once in a phase.</summary>
    public long FirstFresh => Keys + 1;

    /// <summary>The last of these.</summary>
    public long LastFresh => Keys + (long)(FreshPerSecond * (options.PhaseLength.TotalSeconds + 1));

    /// <summary>How many there are.</summary>
    public long Count => LastFresh + SingleItems;

    /// <summary>Takes items that nobody has read in this run.</summary>
    /// <returns>The first of them.</returns>
    public long Take(int count = 1)
    {
        if (_single + count > SingleItems) _single = 0;
        var first = LastFresh + 1 + _single;
        _single += count;
        return first;
    }
}
