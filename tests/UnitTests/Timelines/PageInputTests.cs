using Floodgate.Nodes;
using Floodgate.Problems;
using Floodgate.Sessions;
using Floodgate.TimelineService.HomeTimelines;
using Floodgate.TimelineService.Input;
using Floodgate.TimelineService.Posts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Floodgate.UnitTests.Timelines;

public sealed class PageInputTests
{
    private static readonly CursorCodec Cursors = new(Options.Create(new SessionOptions { Key = new string('k', 32) }));
    private static readonly string List = PagedList.Of(new DefaultHttpContext());
    private static readonly WalPosition Early = new(1, new Lsn(100));
    private static readonly WalPosition Late = new(1, new Lsn(200));

    [Fact]
    public void Without_parameters_it_is_the_first_page_of_20() =>
        Assert.Equal(new PageInput(20, IdInput.End, NodeRead.Primary), PageInput.Read(new DefaultHttpContext(), Cursors));

    [Theory]
    [InlineData("0")]
    [InlineData("101")]
    [InlineData("-1")]
    [InlineData("ten")]
    [InlineData("")]
    [InlineData("99999999999")]
    public void A_limit_out_of_range_is_named(string limit) => Assert.Equal("limit", FaultOf($"?limit={limit}"));

    [Fact]
    public void A_forged_cursor_is_named()
    {
        var cursor = Cursors.Write(new Cursor(5, Early), List);

        Assert.Equal("before", FaultOf($"?before={cursor[..^1]}{(cursor[^1] == 'A' ? 'B' : 'A')}"));
        Assert.Equal("before", FaultOf("?before=5"));
        Assert.Equal("before", FaultOf("?before="));
    }

    [Theory]
    [InlineData("/timeline", 1, "/timeline", 1, true)]
    [InlineData("/timeline", 1, "/timeline", 2, false)]
    [InlineData("/timeline", 1, "/users/1/posts", 1, false)]
    [InlineData("/users/1/posts", 1, "/users/1/posts", 2, true)]
    [InlineData("/users/1/posts", 1, "/Users/1/Posts/", 1, true)]
    [InlineData("/users/1/posts", 1, "/users/11/posts", 1, false)]
    public void A_cursor_is_good_for_its_list(string path, int user, string otherPath, int otherUser, bool good)
    {
        var cursor = Cursors.Write(new Cursor(5, Early), PagedList.Of(ContextAt(path, user)));

        Assert.Equal(good, Cursors.TryRead(cursor, PagedList.Of(ContextAt(otherPath, otherUser)), out _));
    }

    [Theory]
    [InlineData(100, 200)]
    [InlineData(200, 100)]
    public void A_page_is_read_at_or_past_both_the_session_and_the_page_before(ulong session, ulong cursor)
    {
        var context = ContextOf($"?before={Cursors.Write(new Cursor(5, new WalPosition(1, new Lsn(cursor))), List)}");
        context.Request.Headers[InternalHeaders.AtLeast] = new WalPosition(1, new Lsn(session)).ToString();

        var page = PageInput.Read(context, Cursors);

        Assert.Equal(5, page.Before);
        Assert.Equal(Late, page.Where.AtLeast);
    }

    [Fact]
    public void A_walk_counts_what_is_missing_for_one_post_more_than_the_page()
    {
        var walk = new PageWalk(new PageInput(2, 50, NodeRead.Primary), TimelineHistory.Unknown);
        Assert.Equal(3, walk.Missing);

        walk.Posts.Add(new Post(40, 1, "a", default, null));

        Assert.Equal(2, walk.Missing);
    }

    [Fact]
    public void A_page_made_of_two_reads_stands_at_the_later_and_says_where_it_began()
    {
        var walk = new PageWalk(new PageInput(2, 50, new NodeRead("replica-1", Early)), TimelineHistory.Unknown);
        walk.Note(new ReadAt<int>(0, "replica-1", Early, null));
        walk.Note(new ReadAt<int>(0, "primary", Late, null));

        var answer = walk.Answer(1);

        Assert.Equal(("replica-1", Late, "push-ahead"), (answer.Node, answer.Position, answer.Reason));
    }

    private static string FaultOf(string query) => Assert.Throws<InvalidInputException>(() => PageInput.Read(ContextOf(query), Cursors)).Field;

    private static DefaultHttpContext ContextAt(string path, int user) =>
        new() { Request = { Path = path, Headers = { [InternalHeaders.User] = $"{user}" } } };

    private static DefaultHttpContext ContextOf(string query) => new() { Request = { QueryString = new QueryString(query) } };
}
