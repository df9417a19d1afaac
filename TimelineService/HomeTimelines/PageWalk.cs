using Floodgate.Leases;
using Floodgate.Nodes;
using Floodgate.Sessions;
using Floodgate.TimelineService.Input;
using Floodgate.TimelineService.Posts;

namespace Floodgate.TimelineService.HomeTimelines;

/// <summary>One page while it is being collected, out of several reads.</summary>
internal sealed class PageWalk(PageInput page, TimelineHistory history)
{
    private string? _node;
    private string? _reason;
    private string? _nodeBeside;
    private string? _reasonBeside;
    private WalPosition _position;

    /// <summary>Where the next part is read: not before what the parts so far have shown.</summary>
    public NodeRead Where { get; private set; } = page.Where;

    /// <summary>The likes of the page; null where they are not wanted.</summary>
    public PageLikes? Beside { get; init; }

    /// <summary>As of when all that was read so far is known; none where some of it was read otherwise, or later.</summary>
    public ReadIndex Index { get; set; }

    public List<Post> Posts { get; } = new(page.Limit + 1);

    /// <summary>Only posts with a smaller id are still to come.</summary>
    public long Before { get; set; } = page.Before;

    /// <summary>How many posts are missing for a full page and one more.</summary>
    public int Missing => page.Limit + 1 - Posts.Count;

    /// <summary>Whether the page is full or the timeline has ended.</summary>
    public bool IsDone { get; set; }

    /// <summary>
    /// Takes note of where a part was read. The page as a whole is at the furthest position of its parts: whoever saw it
    /// must not go back behind any of them.
    /// </summary>
    public void Note<T>(in ReadAt<T> read)
    {
        _reason ??= read.Reason ?? (_node is not null && _node != read.Node ? "push-ahead" : null);
        _node ??= read.Node;
        Raise(read.Position);
    }

    /// <summary>The same for what is needed beside the posts: where the posts come from is what the answer names.</summary>
    public void NoteBeside<T>(in ReadAt<T> read)
    {
        _reasonBeside ??= read.Reason;
        _nodeBeside ??= read.Node;
        Raise(read.Position);
    }

    private void Raise(WalPosition position)
    {
        _position = history.Furthest(_position, position);
        Where = Where with { AtLeast = history.Furthest(Where.AtLeast, position) };
    }

    /// <summary>The next parts are read on the primary.</summary>
    public void GoToPrimary() => (Where, Index) = (Where with { Node = null }, ReadIndex.None);

    public ReadAt<T> Answer<T>(T value) => new(value, _node ?? _nodeBeside ?? "", _position, _node is null ? _reasonBeside : _reason);
}
