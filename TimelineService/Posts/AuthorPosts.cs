using Floodgate.Nodes;
using Floodgate.Posts;
using Floodgate.Sessions;
using Floodgate.TimelineService.Caches;
using Floodgate.TimelineService.Input;

namespace Floodgate.TimelineService.Posts;

/// <summary>Pages of an author's posts: the newest out of the caches, what is older from SQL.</summary>
internal sealed class AuthorPosts(AuthorPages pages, PostCache posts, PostQueries queries, PostgresNodes nodes)
{
    private const int Rounds = 3;

    /// <summary>Reads one post more than the page may have, to know whether there is a next page; null where there is no such user.</summary>
    public async Task<ReadAt<List<Post>?>> ReadAsync(long author, PageInput page, CancellationToken cancellationToken)
    {
        var wanted = page.Limit + 1;
        var history = nodes.View.History;
        var list = await pages.Pages.GetAsync(author, page.Where, cancellationToken);
        var position = list.Position;
        for (var round = 0; round < Rounds; round++)
        {
            if (list.Value is not { } newest)
            {
                return new ReadAt<List<Post>?>(null, list.Node, position, list.Reason);
            }

            var ids = newest.Ids.SkipWhile(id => id >= page.Before).Take(wanted).ToArray();
            if (ids.Length < wanted && !newest.Whole)
            {
                break;
            }

            // The posts are not to be older than the list that names them.
            var found = await posts.Posts.GetManyAsync(ids, WhereAt(position), cancellationToken);
            if (found.Value.Any(post => post is null or { Deleted: true }))
            {
                break;
            }

            // Nor the list than the posts: who is shown an edit must be shown the post that its author wrote before.
            var before = position;
            position = history.Furthest(position, found.Position);
            if (position != before)
            {
                list = await pages.Pages.GetAsync(author, WhereAt(position), cancellationToken);
            }

            if (position == before || list.Value?.Ids.SkipWhile(id => id >= page.Before).Take(wanted).SequenceEqual(ids) == true)
            {
                return new ReadAt<List<Post>?>([.. found.Value.Select(post => Post.Of(post!))], found.Node, history.Furthest(position, list.Position), found.Reason);
            }

            position = history.Furthest(position, list.Position);
        }

        return await queries.OfAuthorAsync(author, page.Before, wanted, WhereAt(position), cancellationToken);

        NodeRead WhereAt(WalPosition seen) => page.Where with { AtLeast = history.Furthest(page.Where.AtLeast, seen) };
    }
}
