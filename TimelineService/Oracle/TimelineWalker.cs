using Floodgate.Nodes;
using Floodgate.Sessions;
using Floodgate.TimelineService.HomeTimelines;
using Floodgate.TimelineService.Input;

namespace Floodgate.TimelineService.Oracle;

/// <summary>Walks through a home timeline as a client does: page by page, each from the last post of the one before, at rising positions.</summary>
internal sealed class TimelineWalker(TimelinePages pages, PostgresNodes nodes)
{
    private const int PageSize = 100;

    /// <summary>By how many times the depth a walk may go on for the sake of a low post.</summary>
    private const int Patience = 4;

    /// <summary>Walks.</summary>
    /// <param name="user">Whose timeline.</param>
    /// <param name="depth">How many posts to see at least, if there are as many.</param>
    /// <param name="reach">Which post to go down to at least, within four times the depth.</param>
    /// <param name="where">The node, and how far it must be.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    /// <returns>What was shown, and where a read must go that is to see at least that.</returns>
    public async Task<(WalkedTimeline Walked, NodeRead Where)> WalkAsync(long user, int depth, long reach, NodeRead where, CancellationToken cancellationToken)
    {
        var size = Math.Min(PageSize, depth);
        var ids = new List<long>();
        for (var before = IdInput.End; ;)
        {
            var page = await pages.ReadAsync(user, new PageInput(size, before, where), cancellationToken);
            var posts = page.Value.Posts;
            ids.AddRange(posts.Take(size).Select(post => post.Id));
            if (page.Position != WalPosition.None)
            {
                where = where with { AtLeast = nodes.View.History.Furthest(where.AtLeast, page.Position) };
            }

            if (posts.Count <= size)
            {
                return (new WalkedTimeline(ids, Ended: true), where);
            }

            before = posts[size - 1].Id;
            if (ids.Count >= (before > reach ? depth * Patience : depth))
            {
                return (new WalkedTimeline(ids, Ended: false), where);
            }
        }
    }
}
