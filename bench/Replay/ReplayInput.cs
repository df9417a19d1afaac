using System.Globalization;
using Floodgate.Bench.Graphs;

namespace Floodgate.Bench.Replay;

/// <summary>The graph and the activity of a replay.</summary>
/// <param name="Graph">Users and follows, with the users that only act.</param>
/// <param name="Activities">What happens.</param>
/// <param name="Description">Where both come from, in words.</param>
internal sealed record ReplayInput(SocialGraph Graph, IReadOnlyList<Activity> Activities, string Description)
{
    /// <summary>Reads the files, or makes up what is not given.</summary>
    /// <exception cref="CommandLine.UsageException">A file or a line of it is wrong.</exception>
    public static ReplayInput Read(ReplayOptions options, Random random)
    {
        var most = options.Users ?? int.MaxValue;
        var graph = options.Graph is { } edges
            ? EdgeList.Read(edges, most)
            : SyntheticGraph.Create(options.Users ?? SyntheticGraph.DefaultUsers, random);
        var fromGraph = graph.Ids.Count;
        if (fromGraph < 2) throw new CommandLine.UsageException($"--graph: {options.Graph} has no two users.");
        var activities = options.Activity is { } lines
            ? ActivityFile.Read(lines, graph, most)
            : SyntheticActivity.Create(graph, options.Events, random);
        var description = string.Create(
            CultureInfo.InvariantCulture,
            $"{graph.Ids.Count:N0} users ({graph.Ids.Count - fromGraph:N0} of them in the activity only), {graph.Follows.Count:N0} follows ({graph.SelfLoops:N0} of users to themselves left out) from {Name(options.Graph)}; {activities.Count:N0} activities from {Name(options.Activity)}");
        return new ReplayInput(graph, activities, description);
    }

    private static string Name(string? path) => path is null ? "chance" : Path.GetFileName(path);
}
