using System.Runtime.InteropServices;
using Floodgate.Leases;
using Floodgate.Nodes;
using Floodgate.Posts;
using Floodgate.TimelineService.Input;
using Floodgate.TimelineService.Posts;
using StackExchange.Redis;

namespace Floodgate.TimelineService.HomeTimelines;

/// <summary>A page of a home timeline, not yet cut.</summary>
/// <param name="Posts">The posts; one more than the limit where there is a next page.</param>
/// <param name="WithoutRedis">Whether Redis did not answer.</param>
internal sealed record FoundPage(List<Post> Posts, bool WithoutRedis);

/// <summary>
/// Reads home timelines: ids from Redis, merged with posts that are not pushed, checked and filled in from the caches; below what these hold, and without Redis,
/// from SQL alone. It goes on until the page is full or the timeline ends, so that no page before the end is short.
/// </summary>
internal sealed class TimelinePages(
    TimelineStore store, TimelineRebuilder rebuilder, TimelineSources sources, TimelineQueries queries, PostCache posts, LeaseCaches caches, ReaderPresence presence,
    LastPages last, PostgresNodes nodes, TimelineMetrics metrics)
{
    /// <summary>Reads one post more than the page may have, to know whether there is a next page.</summary>
    /// <param name="user">Whose timeline.</param>
    /// <param name="page">Which page.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    /// <param name="beside">Asked for the likes of posts that are likely on the page, before these are read; null where likes are not wanted.</param>
    public async Task<ReadAt<FoundPage>> ReadAsync(long user, PageInput page, CancellationToken cancellationToken, PageLikes? beside = null)
    {
        var walk = new PageWalk(page, nodes.View.History) { Beside = beside };
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
        if (store.IsUnreachable)
        {
            return TimelineState.Unreachable;
        }

        // The likes of the posts that were there the last time go along.
        var isNewest = walk.Before == IdInput.End;
        var likely = isNewest && walk.Beside is not null ? last.Find(user) : null;
        var sourced = await sources.ReadAsync(
            user, walk.Before, walk.Missing, walk.Where, cancellationToken, likely is null ? null : walk.Beside!.AskAhead(likely));
        walk.NoteBeside(sourced);
        (var input, var slice, walk.Index) = sourced.Value;
        if (slice.State == TimelineState.Missing && await rebuilder.RebuildAsync(user, walk.Where, cancellationToken))
        {
            slice = await store.TryReadAsync(user, walk.Before, walk.Missing);
        }

        if (slice.State == TimelineState.Complete)
        {
            presence.Reads(user);
        }

        for (; slice.State == TimelineState.Complete; slice = await store.TryReadAsync(user, walk.Before, walk.Missing))
        {
            var (ids, floor) = input.Merge(slice, walk.Before);
            for (var from = 0; from < ids.Count && walk.Missing > 0;)
            {
                var some = CollectionsMarshal.AsSpan(ids).Slice(from, Math.Min(walk.Missing, ids.Count - from)).ToArray();
                if (isNewest && walk.Beside is not null)
                {
                    last.Note(user, some);
                    isNewest = false;
                }

                await AddAsync(user, some, input, walk, cancellationToken);
                from += some.Length;
            }

            if (walk.Missing <= 0)
            {
                walk.IsDone = true;
                break;
            }

            // So much was filtered out that the page is not full yet. Below the floor the list goes on, or SQL does; a floor of 0 is the end.
            walk.IsDone = floor == 0;
            walk.Before = walk.IsDone ? walk.Before : Math.Min(walk.Before, floor);
            if (slice.IsAll || floor > slice.Floor)
            {
                break;
            }
        }

        return slice.State;
    }

    // The ids in order, without what was deleted or is not followed any more.
    private async Task AddAsync(long user, long[] ids, MergeInput input, PageWalk walk, CancellationToken cancellationToken)
    {
        var found = await CandidatesAsync(user, ids, input, walk, cancellationToken);
        if (Array.Exists(found, static one => one is null))
        {
            await FindOnPrimaryAsync(user, ids, found, walk, cancellationToken);
        }

        List<long>? gone = null;
        for (var i = 0; i < found.Length; i++)
        {
            if (found[i] is not { } candidate)
            {
                // Nobody has it, or nobody who can be asked now. It stays: what is taken out by mistake is missing for good.
                continue;
            }

            if (candidate.Deleted)
            {
                (gone ??= []).Add(ids[i]);
            }
            else if (candidate.Wanted)
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

    // In the order of the ids; null where neither the cache nor the node has it.
    private async Task<Candidate?[]> CandidatesAsync(long user, long[] ids, MergeInput input, PageWalk walk, CancellationToken cancellationToken)
    {
        var read = await PostsAsync(ids, walk, cancellationToken);
        walk.Note(read);
        var found = new Candidate?[ids.Length];
        for (var i = 0; i < found.Length; i++)
        {
            if (read.Value[i] is { } post)
            {
                found[i] = new Candidate(Post.Of(post), post.Deleted, post.Author == user || input.Follows?.Contains(post.Author) == true);
            }
        }

        return found;
    }

    // The likes go with the question what has changed, so that all of it takes one round trip; and none where they were asked for ahead.
    private async ValueTask<ReadAt<StoredPost?[]>> PostsAsync(long[] ids, PageWalk walk, CancellationToken cancellationToken)
    {
        // A post that was here when the index was asked for was written before: so what its author had done until then was announced before, and is known as of
        // the same index. Of a later post it need not be.
        var (where, likes) = (walk.Where, walk.Beside?.HasAskedAhead(ids) == true ? null : walk.Beside);
        if (likes is null && posts.Posts.TryGetManyAt(walk.Index, ids, where) is { } known)
        {
            return known;
        }

        if (likes is { AreKept: true })
        {
            likes.AskCopies(ids);
            likes = null;
        }

        // What follows on the page must not be older than what is read now.
        walk.Index = ReadIndex.None;
        var sent = false;
        var index = where.PastCaches ? ReadIndex.None : await caches.AskReadIndexAsync(likes is null ? null : Send, cancellationToken);
        if (!sent)
        {
            likes?.Ask(ids);
        }

        return posts.Posts.TryGetManyAt(index, ids, where) ?? await posts.Posts.GetManyAsync(ids, where, cancellationToken);

        Task Send(IDatabaseAsync batch)
        {
            sent = true;
            return likes.Ask(ids, batch);
        }
    }

    // A push can be ahead of what the caches and the replica have, where Redis could not be told of the post.
    // Then the session must have seen the primary's position, and all of these posts must be as the primary has them: what the author of the push did
    // before it shows on them. So must what follows on the page.
    private async Task FindOnPrimaryAsync(
        long user, long[] ids, Candidate?[] found, PageWalk walk, CancellationToken cancellationToken)
    {
        try
        {
            var read = await queries.CandidatesAsync(user, ids, NodeRead.Primary with { AtLeast = walk.Where.AtLeast }, cancellationToken);
            walk.Note(read);
            walk.GoToPrimary();
            for (var i = 0; i < ids.Length; i++)
            {
                found[i] = read.Value.TryGetValue(ids[i], out var candidate) ? candidate : found[i];
            }
        }
        catch (NodeUnavailableException)
        {
            // The replica's answer is whole at its position: what it does not have yet comes with a later read.
        }
    }
}
