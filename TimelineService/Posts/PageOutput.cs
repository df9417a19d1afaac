using Floodgate.Sessions;
using Floodgate.TimelineService.Input;

namespace Floodgate.TimelineService.Posts;

/// <summary>Makes the answer out of the posts of a page.</summary>
internal static class PageOutput
{
    /// <summary>Cuts the page, adds the likes and writes the cursor.</summary>
    /// <param name="found">The posts; one more than the limit where there is a next page.</param>
    /// <param name="limit">How many posts the page may have.</param>
    /// <param name="position">Where they were read: the next page is read at or past it.</param>
    /// <param name="context">The request.</param>
    /// <param name="cursors">Signs the cursor.</param>
    /// <param name="likes">Knows the likes.</param>
    /// <param name="asked">Likes that were asked for while the posts were read.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    public static async Task<PostPage> WriteAsync(
        List<Post> found, int limit, WalPosition position, HttpContext context, CursorCodec cursors, LikesClient likes, AskedLikes? asked,
        CancellationToken cancellationToken)
    {
        string? next = null;
        if (found.Count > limit)
        {
            found.RemoveRange(limit, found.Count - limit);
            next = cursors.Write(new Cursor(found[^1].Id, position), PagedList.Of(context));
        }

        return new PostPage(await likes.AddLikesAsync(found, context, cancellationToken, asked), next);
    }
}
