using System.Runtime.InteropServices;

namespace Floodgate.Bench.Graphs;

/// <summary>Users and who follows whom. Inside, a user is the index in the order of first appearance.</summary>
internal sealed class SocialGraph
{
    private readonly Dictionary<long, int> _indexes = [];
    private readonly List<long> _ids = [];
    private readonly List<(int Follower, int Followee)> _follows = [];

    /// <summary>The id of each user, by index.</summary>
    public IReadOnlyList<long> Ids => _ids;

    /// <summary>Who follows whom, as indexes.</summary>
    public IReadOnlyList<(int Follower, int Followee)> Follows => _follows;

    /// <summary>Edges of a user to itself, which were left out.</summary>
    public int SelfLoops { get; set; }

    /// <summary>The index of a user; a new one is added unless there are <paramref name="most"/> already.</summary>
    /// <returns>False where there was no room.</returns>
    public bool TryAdd(long id, int most, out int index)
    {
        if (_indexes.TryGetValue(id, out index)) return true;
        if (_ids.Count >= most) return false;
        index = _ids.Count;
        _indexes.Add(id, index);
        _ids.Add(id);
        return true;
    }

    /// <summary>Adds an edge.</summary>
    public void AddFollow(int follower, int followee) => _follows.Add((follower, followee));

    /// <summary>How many of some users each user follows, by index.</summary>
    /// <param name="among">Which users count, by index.</param>
    public int[] CountFollowees(IReadOnlyList<bool> among)
    {
        var counts = new int[_ids.Count];
        foreach (var (follower, followee) in CollectionsMarshal.AsSpan(_follows))
        {
            if (among[followee]) counts[follower]++;
        }

        return counts;
    }

    /// <summary>How many follow each user, by index.</summary>
    public int[] CountFollowers()
    {
        var counts = new int[_ids.Count];
        foreach (var (_, followee) in CollectionsMarshal.AsSpan(_follows)) counts[followee]++;
        return counts;
    }
}
