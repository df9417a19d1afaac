namespace Floodgate.Bench.Graphs;

/// <summary>A small network with a power law: a few are followed by very many, most by hardly any.</summary>
internal static class SyntheticGraph
{
    /// <summary>Users of the default network.</summary>
    public const int DefaultUsers = 2_000;

    private const int MostFollowees = 200;
    private const int FewestFollowees = 2;

    // Of ten follows, eight go to somebody in proportion to the followers already there; the others to anybody.
    private const double Preferential = 0.8;

    /// <summary>Makes a network. The same random numbers give the same network. Ids run from 1.</summary>
    public static SocialGraph Create(int users, Random random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(users, 2);
        var graph = new SocialGraph();
        for (var i = 0; i < users; i++) graph.TryAdd(i + 1, users, out _);

        var targets = new List<int>(users * 8);
        var followed = new HashSet<int>();
        for (var follower = 0; follower < users; follower++)
        {
            followed.Clear();
            followed.Add(follower);
            var wanted = Math.Min(users - 1, Followees(random));
            for (var tries = 0; followed.Count <= wanted && tries < wanted * 10; tries++)
            {
                var followee = targets.Count > 0 && random.NextDouble() < Preferential ? targets[random.Next(targets.Count)] : random.Next(users);
                if (!followed.Add(followee)) continue;
                graph.AddFollow(follower, followee);
                targets.Add(followee);
            }
        }

        return graph;
    }

    // Pareto with exponent 1.5: half the users follow 2 or 3, one in a hundred more than 40.
    private static int Followees(Random random) =>
        (int)Math.Min(MostFollowees, FewestFollowees * Math.Pow(1 - random.NextDouble(), -1 / 1.5));
}
