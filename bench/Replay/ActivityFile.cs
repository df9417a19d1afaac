using Floodgate.Bench.Graphs;

namespace Floodgate.Bench.Replay;

/// <summary>Reads an activity file: lines <c>A B unix-time RT|MT|RE</c>.</summary>
internal static class ActivityFile
{
    /// <summary>Reads a file, packed with gzip or not, in its order.</summary>
    /// <param name="path">The file.</param>
    /// <param name="graph">Users who are not in it are added.</param>
    /// <param name="users">The most users the graph may have; lines about others are left out.</param>
    /// <exception cref="CommandLine.UsageException">The file or a line of it is wrong.</exception>
    public static List<Activity> Read(string path, SocialGraph graph, int users = int.MaxValue)
    {
        var activities = new List<Activity>();
        foreach (var (number, line) in TextLines.Read(path))
        {
            var fields = new Fields(line);
            if (!fields.TryId(out var user) || !fields.TryId(out var other) || !fields.TryWhole(out var time) || KindOf(fields.Next()) is not { } kind)
                throw TextLines.Malformed(path, number, line, "'A B unix-time RT|MT|RE'");

            var first = graph.TryAdd(user, users, out var a);
            var second = graph.TryAdd(other, users, out var b);
            if (first && second) activities.Add(new Activity(a, b, time, kind));
        }

        return activities;
    }

    private static ActivityKind? KindOf(ReadOnlySpan<char> word) => word switch
    {
        "RT" => ActivityKind.Retweet,
        "MT" => ActivityKind.Mention,
        "RE" => ActivityKind.Reply,
        _ => null,
    };
}
