using System.Collections.Concurrent;

namespace Floodgate.SystemTests.Chaos;

/// <summary>
/// Which states each (user, post) pair may be in, by what was acknowledged. A pair is written by one worker at a time.
/// </summary>
internal sealed class LikeBook
{
    private readonly ConcurrentDictionary<(long User, long Post), States> _pairs = new();

    /// <summary>What a pair may be.</summary>
    [Flags]
    private enum States
    {
        NotLiked = 1,
        Liked = 2,
    }

    /// <summary>The pairs that were written.</summary>
    public IReadOnlyCollection<(long User, long Post)> Pairs => [.. _pairs.Keys];

    /// <summary>Enters a write of a pair.</summary>
    public void Enter((long User, long Post) pair, bool liked, Outcome outcome)
    {
        var written = liked ? States.Liked : States.NotLiked;
        var before = _pairs.GetValueOrDefault(pair, States.NotLiked);
        _pairs[pair] = outcome switch
        {
            Outcome.Acknowledged => written,
            Outcome.Unknown => before | written,
            _ => before,
        };
    }

    /// <summary>Whether a pair may be in a state. One that was never written is not liked.</summary>
    public bool MayBe((long User, long Post) pair, bool liked) =>
        _pairs.GetValueOrDefault(pair, States.NotLiked).HasFlag(liked ? States.Liked : States.NotLiked);

    /// <summary>How many pairs may be either.</summary>
    public int Unknown => _pairs.Values.Count(states => states == (States.Liked | States.NotLiked));
}
