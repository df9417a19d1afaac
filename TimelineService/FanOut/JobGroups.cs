using Floodgate.TimelineService.Outbox;

namespace Floodgate.TimelineService.FanOut;

/// <summary>A job for the posts of some outbox rows.</summary>
/// <param name="Job">The job; null where readers merge the post.</param>
/// <param name="Queue">Where to.</param>
/// <param name="Rows">The rows that are done once the job is published.</param>
internal sealed record GroupedJob(FanOutJob? Job, string Queue, IReadOnlyList<OutboxRow> Rows);

/// <summary>
/// Posts of one author that wait together become one job: the followers are read once for all of them, and a timeline takes them in one command. Jobs of small
/// audiences travel in one message, up to as many followers as a chunk has. That makes fan-out faster the more there is to do. Nobody waits for it: only what a
/// relay holds already is put together.
/// </summary>
internal static class JobGroups
{
    /// <summary>Puts together what can be.</summary>
    /// <param name="routed">What a relay holds.</param>
    /// <param name="followers">How many followers the jobs of one message may have together.</param>
    public static List<GroupedJob> Of(IReadOnlyList<RoutedPost> routed, int followers)
    {
        var groups = new List<GroupedJob>();
        var posts = new Dictionary<(long Author, FanOutKind Kind), List<RoutedPost>>();
        foreach (var one in routed)
        {
            if (one.Job is { Kind: not FanOutKind.Backfill } job)
            {
                if (!posts.TryGetValue((job.Author, job.Kind), out var of))
                {
                    posts.Add((job.Author, job.Kind), of = []);
                }

                of.Add(one);
            }
            else
            {
                groups.Add(new GroupedJob(one.Job, one.Queue, [one.Row]));
            }
        }

        var (together, audience) = (new List<GroupedJob>(), 0);
        foreach (var of in posts.Values)
        {
            // In the order of the posts, so that timelines get them in order.
            of.Sort(static (a, b) => a.Job!.Post.CompareTo(b.Job!.Post));
            foreach (var some in of.Chunk(FanOutJob.MostPosts))
            {
                var group = new GroupedJob(some[0].Job!.For(Array.ConvertAll(some, one => one.Job!.Post)), some[0].Queue, Array.ConvertAll(some, one => one.Row));
                if (group.Job!.Kind != FanOutKind.Chunk)
                {
                    groups.Add(group);
                    continue;
                }

                if (together.Count == FanOutJob.MostTogether || audience + some[0].Followers > followers)
                {
                    Add(groups, together);
                    (together, audience) = ([], 0);
                }

                together.Add(group);
                audience += some[0].Followers;
            }
        }

        Add(groups, together);
        return groups;
    }

    private static void Add(List<GroupedJob> groups, List<GroupedJob> together)
    {
        if (together.Count > 0)
        {
            var more = together.Count == 1 ? null : together.Skip(1).Select(group => group.Job!).ToArray();
            groups.Add(together[0] with { Job = together[0].Job! with { More = more }, Rows = [.. together.SelectMany(group => group.Rows)] });
        }
    }
}
