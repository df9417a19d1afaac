using Floodgate.Nodes;
using Floodgate.TimelineService.Input;
using Floodgate.TimelineService.Posts;

namespace Floodgate.TimelineService.HomeTimelines;

/// <summary>A page of a home timeline, not yet cut.</summary>
/// <param name="Posts">The posts; one more than the limit where there is a next page.</param>
/// <param name="WithoutRedis">Whether Redis did not answer.</param>
internal sealed record FoundPage(List<Post> Posts, bool WithoutRedis);

/// <summary>
/// Reads home timelines: ids from Redis, checked and filled in from SQL; below what Redis holds, and without Redis, from
/// SQL alone. It goes on until the page is full or the timeline ends, so that no page before the end is short.
/// </summary>
internal sealed class TimelinePages(TimelineStore store, TimelineRebuilder rebuilder, TimelineQueries queries, PostgresNodes nodes, TimelineMetrics metrics)
{
    private const int LargestRound = 200;

    /// <summary>Reads one post more than the page may have, to know whether there is a next page.</summary>
    public async Task<ReadAt<FoundPage>> ReadAsync(long user, PageInput page, CancellationToken cancellationToken)
    {
        var walk = new PageWalk(page, nodes.View.History);
        var state = await ReadRedisAsync(user, walk, cancellationToken);
        var fromRedis = walk.Posts.Count > 0;
        var useSql = !walk.IsDone;
        if (useSql)
        {
            var read = await queries.PostsAsync(user, walk.Before, walk.Missing, walk.Where, cancellationToken);
            walk.Note(read);
            walk.Posts.AddRange(read.Value);
        }

        metrics.PageServed((fromRedis, useSql) switch { (true, true) => "both", (false, true) => "sql", _ => "redis" });
        return walk.Answer(new FoundPage(walk.Posts, WithoutRedis: state == TimelineState.Unreachable));
    }

    private async Task<TimelineState> ReadRedisAsync(long user, PageWalk walk, CancellationToken cancellationToken)
    {
        var rebuilt = false;
        var round = walk.Missing;
        while (true)
        {
            var slice = await store.TryReadAsync(user, walk.Before, round);
            if (slice.State == TimelineState.Missing && !rebuilt)
            {
                rebuilt = true;
                await rebuilder.RebuildAsync(user, walk.Where, cancellationToken);
                continue;
            }

            if (slice.State != TimelineState.Complete)
            {
                return slice.State;
            }

            await AddAsync(user, slice.Ids, walk, cancellationToken);
            if (walk.Missing <= 0)
            {
                walk.IsDone = true;
                return slice.State;
            }

            if (slice.Ids.Length < round)
            {
                // Redis has no more. Below its floor SQL goes on; a floor of 0 is the end.
                walk.Before = slice.Floor == 0 ? walk.Before : Math.Min(walk.Before, slice.Floor);
                walk.IsDone = slice.Floor == 0;
                return slice.State;
            }

            // So much was filtered out that the page is not full yet.
            round = Math.Min(round * 2, LargestRound);
        }
    }

    // The ids in order, without what was deleted or is not followed any more.
    private async Task AddAsync(long user, long[] ids, PageWalk walk, CancellationToken cancellationToken)
    {
        if (ids.Length == 0)
        {
            return;
        }

        var read = await queries.CandidatesAsync(user, ids, walk.Where, cancellationToken);
        walk.Note(read);
        var found = read.Value;
        var isWhole = found.Count == ids.Length || read.FromPrimary
            || await FindOnPrimaryAsync(user, ids, found, walk, cancellationToken);

        List<long>? gone = null;
        foreach (var id in ids)
        {
            if (!found.TryGetValue(id, out var candidate) ? isWhole : candidate.Deleted)
            {
                (gone ??= []).Add(id);
            }
            else if (candidate.Wanted && !candidate.Deleted)
            {
                walk.Posts.Add(candidate.Post);
            }
        }

        walk.Before = ids[^1];
        if (gone is not null)
        {
            await store.TryRemoveAsync(user, gone);
        }
    }

    // A push can be ahead of the replica that the page is read at. Then the session must have seen the primary's position,
    // and all of these posts must be as the primary has them: what the author of the push did before it shows on them. So
    // must what follows on the page.
    private async Task<bool> FindOnPrimaryAsync(
        long user, long[] ids, Dictionary<long, Candidate> found, PageWalk walk, CancellationToken cancellationToken)
    {
        try
        {
            var read = await queries.CandidatesAsync(user, ids, NodeRead.Primary, cancellationToken);
            walk.Note(read);
            walk.Where = NodeRead.Primary;
            foreach (var (id, candidate) in read.Value)
            {
                found[id] = candidate;
            }

            return true;
        }
        catch (NodeUnavailableException)
        {
            // The replica's answer is whole at its position: what it does not have yet comes with a later read.
            return false;
        }
    }
}
