namespace Floodgate.Bench.Graphs;

/// <summary>Reads an edge list as the Stanford SNAP collection has them: a line <c>A B …</c> is "A follows B".</summary>
internal static class EdgeList
{
    /// <summary>Reads a file, packed with gzip or not.</summary>
    /// <param name="path">The file.</param>
    /// <param name="users">Only the first so many users, and the edges among them.</param>
    /// <exception cref="CommandLine.UsageException">The file or a line of it is wrong.</exception>
    public static SocialGraph Read(string path, int users = int.MaxValue)
    {
        var graph = new SocialGraph();
        foreach (var (number, line) in TextLines.Read(path))
        {
            var fields = new Fields(line);
            if (!fields.TryId(out var follower) || !fields.TryId(out var followee))
                throw TextLines.Malformed(path, number, line, "'A B' with two ids from 1 to 2^53 - 1");

            if (follower == followee)
            {
                graph.SelfLoops++;
                continue;
            }

            // Both are looked up even if the first has no room: the second may still be the N-th user.
            var first = graph.TryAdd(follower, users, out var a);
            var second = graph.TryAdd(followee, users, out var b);
            if (first && second) graph.AddFollow(a, b);
        }

        return graph;
    }
}
