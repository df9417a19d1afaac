using Floodgate.Bench.Gateway;

namespace Floodgate.Bench.Replay;

/// <summary>
/// What the gateway said about every like, by (user, post) pair. The likes of one pair come one after another, those
/// of different pairs may be recorded at once.
/// </summary>
internal sealed class LikeLedger(ReplayPlan plan)
{
    private const byte MayBe = 1;
    private const byte Is = 2;

    private readonly byte[] _pairs = new byte[plan.PairTargets.Count];

    /// <summary>Remembers how a like ended. A repeat can make a pair surer, never less sure.</summary>
    public void Record(int pair, Outcome outcome)
    {
        var state = outcome switch
        {
            Outcome.Acknowledged => Is,
            Outcome.Unknown => MayBe,
            _ => (byte)0,
        };
        if (state > _pairs[pair]) _pairs[pair] = state;
    }

    /// <summary>How many likes each post must have, at least and at most; posts that nobody tried to like are left out.</summary>
    /// <param name="postIds">The post's id, by the action that posts it.</param>
    public IReadOnlyDictionary<long, LikeRange> Expected(IReadOnlyList<long> postIds)
    {
        var expected = new Dictionary<long, LikeRange>();
        for (var pair = 0; pair < _pairs.Length; pair++)
        {
            var post = postIds[plan.PairTargets[pair]];
            if (post == 0) continue;
            var before = expected.GetValueOrDefault(post);
            expected[post] = new LikeRange(before.Least + (_pairs[pair] == Is ? 1 : 0), before.Most + (_pairs[pair] != 0 ? 1 : 0));
        }

        return expected;
    }
}

/// <summary>The number of likes a post may have: those acknowledged, and those that may have been carried out as well.</summary>
internal readonly record struct LikeRange(int Least, int Most)
{
    /// <summary>Whether a number is in the range.</summary>
    public bool Contains(long? likes) => likes >= Least && likes <= Most;
}
