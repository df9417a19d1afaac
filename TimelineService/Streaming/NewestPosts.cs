using Floodgate.Nodes;
using Floodgate.Sessions;
using Floodgate.TimelineService.HomeTimelines;
using Floodgate.TimelineService.Input;
using Floodgate.TimelineService.Posts;
using Microsoft.Extensions.Options;

namespace Floodgate.TimelineService.Streaming;

/// <summary>The newest part of a home timeline.</summary>
/// <param name="Posts">All of its posts above <see cref="Below"/>, newest first.</param>
/// <param name="Below">0: that is the whole timeline.</param>
/// <param name="WithoutRedis">Whether Redis did not answer.</param>
internal sealed record NewestPage(List<Post> Posts, long Below, bool WithoutRedis);

/// <summary>How streams look for news: through the same pages that <c>GET /timeline</c> reads.</summary>
internal sealed class NewestPosts(TimelinePages pages, PostgresNodes nodes, IOptions<StreamOptions> options)
{
    private const int LargestPage = 100;

    /// <summary>Reads the newest posts of a timeline.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="count">At least so many, if there are.</param>
    /// <param name="downTo">All above this id, too, unless there are too many for a client to be sent.</param>
    /// <param name="where">The node, and how far it must be.</param>
    /// <param name="cancellationToken">The stream's life.</param>
    /// <exception cref="TimeoutException">It took too long.</exception>
    public async Task<ReadAt<NewestPage>> ReadAsync(long user, int count, long downTo, NodeRead where, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(options.Value.PollTimeout);
        try
        {
            return await ReadPagesAsync(user, count, downTo, where, limited.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"A home timeline was not read within {options.Value.PollTimeout}.", exception);
        }
    }

    private async Task<ReadAt<NewestPage>> ReadPagesAsync(long user, int count, long downTo, NodeRead where, CancellationToken cancellationToken)
    {
        var history = nodes.View.History;
        var most = options.Value.MaximumReplay + count;
        var found = new List<Post>();
        var (before, position) = (IdInput.End, WalPosition.None);
        var (withoutRedis, reason) = (false, (string?)null);
        for (var size = count; ; size = LargestPage)
        {
            var page = await pages.ReadAsync(user, new PageInput(size, before, where), cancellationToken);
            position = history.Furthest(position, page.Position);
            where = where with { AtLeast = history.Furthest(where.AtLeast, page.Position) };
            reason ??= page.Reason;
            withoutRedis |= page.Value.WithoutRedis;
            found.AddRange(page.Value.Posts);
            var below = page.Value.Posts.Count > size ? found[^1].Id : 0;
            if (below <= downTo || found.Count > most)
            {
                if (below > 0)
                {
                    found.RemoveAt(found.Count - 1);
                }

                return new ReadAt<NewestPage>(new NewestPage(found, below, withoutRedis), page.Node, position, reason);
            }

            before = below;
        }
    }
}
