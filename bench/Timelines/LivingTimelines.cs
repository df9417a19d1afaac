using Floodgate.Bench.CommandLine;
using Floodgate.Bench.Measuring;
using Floodgate.TimelineService.HomeTimelines;
using Floodgate.TimelineService.Input;

namespace Floodgate.Bench.Timelines;

/// <summary>Makes timelines as a rebuild makes them.</summary>
internal sealed class LivingTimelines(TimelineStore store)
{
    private const int AtOnce = 16;

    /// <summary>Makes the timelines of users.</summary>
    /// <param name="users">Whose.</param>
    /// <param name="idsOf">What is in the timeline of each, newest first.</param>
    /// <param name="progress">Counts timelines.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="RunFailedException">Redis did not take one.</exception>
    public Task MakeAsync(IEnumerable<long> users, Func<long, IReadOnlyList<long>> idsOf, Progress progress, CancellationToken cancellation) =>
        Parallel.ForEachAsync(users, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (user, _) =>
        {
            var ids = idsOf(user);
            var rebuild = Guid.NewGuid().ToString("N");
            if (!await store.TryBeginAsync(user, rebuild) || !await store.TryCompleteAsync(user, rebuild, ids[^1], ids))
                throw new RunFailedException($"Redis did not take the timeline of user {user}.");
            progress.Add(1);
        });

    /// <summary>How many of these posts are not in the timelines of these users.</summary>
    public async Task<int> MissingAsync(IEnumerable<(long User, long Post)> expected)
    {
        var missing = 0;
        foreach (var (user, post) in expected)
        {
            if (!(await store.TryReadAsync(user, IdInput.End, int.MaxValue / 2)).Ids.Contains(post)) missing++;
        }

        return missing;
    }
}
