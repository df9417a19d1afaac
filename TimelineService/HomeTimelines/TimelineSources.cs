using System.Runtime.InteropServices;
using Floodgate.Leases;
using Floodgate.Nodes;
using Floodgate.Sessions;
using Floodgate.TimelineService.Caches;
using Floodgate.TimelineService.PullRanges;
using StackExchange.Redis;

namespace Floodgate.TimelineService.HomeTimelines;

/// <summary>What a page is made of beside the timeline in Redis.</summary>
/// <param name="Follows">Whom the reader follows; null: nobody.</param>
/// <param name="Pulled">Posts to merge.</param>
internal sealed record MergeInput(FollowList? Follows, Pulled Pulled)
{
    /// <summary>Merges posts into a part of a timeline.</summary>
    /// <param name="slice">The part.</param>
    /// <param name="before">Only ids below it.</param>
    /// <returns>The ids, descending, each once; and from which id on there are no others.</returns>
    public (List<long> Ids, long Floor) Merge(in TimelineSlice slice, long before)
    {
        var floor = Math.Max(slice.Floor, Pulled.Floor);
        var ids = new List<long>(slice.Ids.Length);
        foreach (var id in slice.Ids)
        {
            if (id >= floor && id < before)
            {
                ids.Add(id);
            }
        }

        // Most of what can be merged is older than the part of the timeline that was read: what is left is put in order.
        var pushed = ids.Count;
        foreach (var id in Pulled.Ids)
        {
            if (id >= floor && id < before)
            {
                ids.Add(id);
            }
        }

        if (ids.Count > pushed)
        {
            Descending.Order(CollectionsMarshal.AsSpan(ids));
            var kept = 0;
            for (var i = 0; i < ids.Count; i++)
            {
                if (kept == 0 || ids[kept - 1] != ids[i])
                {
                    ids[kept++] = ids[i];
                }
            }

            ids.RemoveRange(kept, ids.Count - kept);
        }

        return (ids, floor);
    }
}

/// <summary>The newest part of a timeline in Redis, and what is merged into it.</summary>
/// <param name="Input">What is merged.</param>
/// <param name="Slice">The part.</param>
/// <param name="Index">As of when what is merged is known; none where it was read otherwise.</param>
internal sealed record SourcedSlice(MergeInput Input, TimelineSlice Slice, ReadIndex Index);

/// <summary>
/// Reads what a page's ids are made of: whom the reader follows and which of their posts are not pushed, out of the caches, and the timeline in Redis.
/// </summary>
internal sealed class TimelineSources(TimelineStore store, FollowLists follows, PullRangeCache ranges, PulledPosts pulled, PostgresNodes nodes)
{
    /// <summary>
    /// Reads it: first the follows and the ranges, then the list. When a range goes, or a follow comes, the posts are in the list before that is known, and so are
    /// not missed. It takes one round trip to Redis where this process has all but the list and nothing of it was changed, else two or more.
    /// </summary>
    /// <param name="user">Whose timeline.</param>
    /// <param name="before">Only ids below it.</param>
    /// <param name="count">How many ids are wanted of the list.</param>
    /// <param name="where">Where what no cache has is read.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    /// <param name="behind">Adds commands to those that are sent at once, behind the list, and gives the last of them; null where there are none.</param>
    public async ValueTask<ReadAt<SourcedSlice>> ReadAsync(
        long user, long before, int count, NodeRead where, CancellationToken cancellationToken, Func<IDatabaseAsync, Task>? behind = null) =>
        !where.PastCaches && await store.TryReadAtIndexAsync(user, before, count, cancellationToken, behind) is var (index, slice) && TryMerge(index, slice, user, before, where) is { } read
            ? read
            : await ReadInTurnAsync(user, before, count, where, cancellationToken);

    // What is there as of the index, with the list that was read behind it.
    private ReadAt<SourcedSlice>? TryMerge(ReadIndex index, in TimelineSlice slice, long user, long before, NodeRead where)
    {
        if (!ranges.TryGetAt(index, where, out var set) || !follows.Lists.TryGetAt(index, user, where, out var list))
        {
            return null;
        }

        var position = nodes.View.History.Furthest(list.Position, set.Position);
        if (AuthorsOf(set.Value, user, list.Value, before) is not { } authors)
        {
            return Answer(list, position, posts: null, slice, index);
        }

        return pulled.TryFindAt(index, set.Value!, authors, before, where) is { } posts ? Answer(list, position, posts, slice, index) : null;
    }

    private async Task<ReadAt<SourcedSlice>> ReadInTurnAsync(long user, long before, int count, NodeRead where, CancellationToken cancellationToken)
    {
        var history = nodes.View.History;
        var (set, list) = await ReadBesideAsync(ranges.GetAsync(where, cancellationToken), follows.Lists.GetAsync(user, where, cancellationToken));
        var position = history.Furthest(list.Position, set.Position);
        var reading = store.TryReadAsync(user, before, count);
        if (AuthorsOf(set.Value, user, list.Value, before) is not { } authors)
        {
            return Answer(list, position, posts: null, await reading, ReadIndex.None);
        }

        var posts = await pulled.FindAsync(
            set.Value!, authors, before, where with { AtLeast = history.Furthest(where.AtLeast, position) }, cancellationToken);
        return Answer(list, position, posts, await reading, ReadIndex.None);
    }

    private ReadAt<SourcedSlice> Answer(in ReadAt<FollowList?> list, WalPosition position, ReadAt<Pulled>? posts, in TimelineSlice slice, ReadIndex index) => posts is { } merged
        ? new(new SourcedSlice(new MergeInput(list.Value, merged.Value), slice, index), merged.Node, nodes.View.History.Furthest(position, merged.Position), merged.Reason)
        : new(new SourcedSlice(new MergeInput(list.Value, Pulled.Nothing), slice, index), list.Node, position, list.Reason);

    private static List<long>? AuthorsOf(PullRangeSet? set, long user, FollowList? follows, long before) =>
        set is { Ranges.Length: > 0 } some && some.AuthorsFor(user, follows, before) is { Count: > 0 } authors ? authors : null;

    // The ranges are in memory as a rule: then there is one to wait for.
    private static async ValueTask<(ReadAt<PullRangeSet?> Ranges, ReadAt<FollowList?> Follows)> ReadBesideAsync(
        ValueTask<ReadAt<PullRangeSet?>> ranges, ValueTask<ReadAt<FollowList?>> follows)
    {
        if (ranges.IsCompletedSuccessfully)
        {
            return (ranges.Result, await follows);
        }

        var (open, listing) = (ranges.AsTask(), follows.AsTask());
        await Task.WhenAll(open, listing);
        return (await open, await listing);
    }
}
