using Floodgate.Leases;
using Floodgate.Nodes;
using Floodgate.TimelineService.Caches;

namespace Floodgate.TimelineService.PullRanges;

/// <summary>What a reader merges into the timeline in Redis.</summary>
/// <param name="Ids">Ids of posts, in no order.</param>
/// <param name="Floor">From which id on they are all that is to be merged; 0: there is nothing else.</param>
internal readonly record struct Pulled(List<long> Ids, long Floor)
{
    public static Pulled Nothing { get; } = new([], 0);
}

/// <summary>Finds the posts that are merged when a timeline is read, out of the caches.</summary>
internal sealed class PulledPosts(AuthorPages pages)
{
    /// <summary>Finds them.</summary>
    /// <param name="ranges">The pull ranges.</param>
    /// <param name="authors">The authors to merge.</param>
    /// <param name="before">Only posts below it.</param>
    /// <param name="where">Where what no cache has is read.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    public async Task<ReadAt<Pulled>> FindAsync(PullRangeSet ranges, IReadOnlyList<long> authors, long before, NodeRead where, CancellationToken cancellationToken)
    {
        return Merge(ranges, authors, before, await pages.Pages.GetManyAsync(authors, where, cancellationToken));
    }

    /// <summary>Finds them as of a read index; null where this process does not have them.</summary>
    /// <param name="index">The index.</param>
    /// <param name="ranges">The pull ranges.</param>
    /// <param name="authors">The authors to merge.</param>
    /// <param name="before">Only posts below it.</param>
    /// <param name="where">What the caller has seen.</param>
    public ReadAt<Pulled>? TryFindAt(ReadIndex index, PullRangeSet ranges, IReadOnlyList<long> authors, long before, NodeRead where) =>
        pages.Pages.TryGetManyAt(index, authors, where) is { } read ? Merge(ranges, authors, before, read) : null;

    private static ReadAt<Pulled> Merge(PullRangeSet ranges, IReadOnlyList<long> authors, long before, in ReadAt<AuthorPage?[]> read)
    {
        var ids = new List<long>();
        var floor = 0L;
        for (var i = 0; i < authors.Count; i++)
        {
            if (read.Value[i] is { } page)
            {
                floor = Math.Max(floor, Merge(ranges.Of(authors[i]), page, before, ids));
            }
        }

        return new ReadAt<Pulled>(new Pulled(ids, floor), read.Node, read.Position, read.Reason);
    }

    /// <summary>Adds the posts of a page that are in a range.</summary>
    /// <returns>From which id on they are all that the ranges hold.</returns>
    internal static long Merge(IReadOnlyList<PullRange> ranges, AuthorPage page, long before, List<long> ids)
    {
        var floor = 0L;
        foreach (var range in ranges)
        {
            foreach (var id in page.Ids)
            {
                if (id < range.From)
                {
                    break;
                }

                if (id < before && range.Holds(id))
                {
                    ids.Add(id);
                }
            }

            // A range that goes on below the oldest post on the page: what it holds there is to be had from SQL only.
            if (!page.Whole && page.Ids is [.., var oldest] && range.From < oldest)
            {
                floor = Math.Max(floor, Math.Min(range.Until + 1, oldest));
            }
        }

        return floor;
    }
}
