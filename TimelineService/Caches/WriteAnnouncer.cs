using Floodgate.Leases;
using Floodgate.Posts;
using Floodgate.Redis;
using Floodgate.Sessions;
using Floodgate.TimelineService.Outbox;
using Floodgate.TimelineService.PullRanges;
using Microsoft.Extensions.Options;

namespace Floodgate.TimelineService.Caches;

/// <summary>
/// Tells the caches of writes: once by who wrote, before the caller is answered and also if it is gone, and again by the outbox's relay where that one has
/// died or could not.
/// </summary>
internal sealed class WriteAnnouncer(
    PostCache posts, AuthorPages pages, FollowLists follows, UserCache users, PullRangeCache ranges, OutboxSignal outbox,
    IOptionsMonitor<LeaseCacheOptions> options, TimeProvider time)
{
    private static readonly string[] Entities =
        [PostCache.EntityName, AuthorPages.EntityName, FollowLists.EntityName, UserCache.EntityName, PullRangeCache.EntityName];

    /// <summary>A post was created. Its fan-out is the relay's, so that its outbox row stays.</summary>
    public Task CreatedAsync(StoredPost post, CommittedWrite write) => Task.WhenAll(
        posts.Posts.Cache.UpdateAsync(post.Id, post, write), pages.Pages.Cache.InvalidateAsync(post.Author, write));

    /// <summary>A post was edited: the pages of its author stay as they are.</summary>
    public Task EditedAsync(StoredPost post, CommittedWrite write) =>
        DoneAsync(write, posts.Posts.Cache.UpdateAsync(post.Id, post, write));

    /// <summary>A post was deleted.</summary>
    public Task DeletedAsync(long post, long author, CommittedWrite write) => DoneAsync(
        write, posts.Posts.Cache.InvalidateAsync(post, write), pages.Pages.Cache.InvalidateAsync(author, write));

    /// <summary>A user was written.</summary>
    public Task UserAsync(long user, CommittedWrite write) => DoneAsync(
        write, users.Users.Cache.InvalidateAsync(user, write), pages.Pages.Cache.InvalidateAsync(user, write));

    /// <summary>A follow was written or removed.</summary>
    /// <returns>Whether the caches know.</returns>
    public async Task<bool> FollowedAsync(long follower, long followee, CommittedWrite write) => AllKnow(await Task.WhenAll(
        follows.Lists.Cache.InvalidateAsync(follower, write), users.Users.Cache.InvalidateAsync(follower, write),
        users.Users.Cache.InvalidateAsync(followee, write)));

    /// <summary>Tells what an outbox row says.</summary>
    /// <returns>Whether the caches know.</returns>
    public async Task<bool> AgainAsync(OutboxRow row, CommittedWrite write) => row.Kind switch
    {
        OutboxKind.Post or OutboxKind.Edit => AllKnow(await Task.WhenAll(
            posts.Posts.Cache.InvalidateAsync(row.Post!.Value, write), pages.Pages.Cache.InvalidateAsync(row.User, write))),
        OutboxKind.Pull => await ranges.InvalidateAsync(write) != Announcement.LeftToOutbox,
        OutboxKind.Follow => await FollowedAsync(row.User, row.Other ?? row.User, write),
        _ => AllKnow(await Task.WhenAll(
            users.Users.Cache.InvalidateAsync(row.User, write), pages.Pages.Cache.InvalidateAsync(row.User, write))),
    };

    /// <summary>Tells of many posts what their outbox rows say: of each post, and of the pages of each author once.</summary>
    /// <param name="rows">The rows of posts.</param>
    /// <param name="position">A position at or past the commits of all.</param>
    /// <returns>Those of which the caches know.</returns>
    public async Task<List<OutboxRow>> PostsAgainAsync(IReadOnlyList<OutboxRow> rows, WalPosition position)
    {
        // Several writes are none of them: whoever was told of one of them last would take it for told again, and not look further.
        var ofAuthors = rows.GroupBy(row => row.User).ToDictionary(
            of => of.Key, of => pages.Pages.Cache.InvalidateAsync(of.Key, new CommittedWrite(position, of.Count() == 1 ? of.First().Id : 0)));
        var ofPosts = await Task.WhenAll(rows.Select(row => posts.Posts.Cache.InvalidateAsync(row.Post!.Value, new CommittedWrite(position, row.Id))));
        await Task.WhenAll(ofAuthors.Values);
        return [.. rows.Where((row, i) => AllKnow([ofPosts[i], ofAuthors[row.User].Result]))];
    }

    /// <summary>
    /// Much was written at once, and the epoch raised with it (<see cref="GenerationWatch.RaiseEpochSql"/>): completes when everybody believes nothing any
    /// more that Redis holds from before, nor serves from memory what was held until then.
    /// </summary>
    public Task EverythingAsync() => Task.Delay(GenerationWatch.HeardAfter + Entities.Max(entity => options.Get(entity).HoldFor), time);

    private async Task DoneAsync(CommittedWrite write, params Task<Announcement>[] told)
    {
        if (AllKnow(await Task.WhenAll(told)) && write.Id != 0)
        {
            outbox.Done(write.Id);
        }
    }

    private static bool AllKnow(Announcement[] announcements) => !announcements.Contains(Announcement.LeftToOutbox);
}
