using Floodgate.Sessions;
using Floodgate.TimelineService.FanOut;
using Floodgate.TimelineService.Outbox;

namespace Floodgate.UnitTests.Timelines;

public sealed class JobGroupsTests
{
    private const string Small = "small";
    private const string Large = "large";

    private static readonly WalPosition Position = new(2, new Lsn(0x16B374D848));

    [Fact]
    public void Posts_of_one_author_become_one_job_in_their_order()
    {
        var groups = JobGroups.Of([Of(row: 1, author: 7, post: 30), Of(row: 2, author: 8, post: 25), Of(row: 3, author: 7, post: 10), Of(row: 4, author: 7, post: 20)], followers: 10);

        Assert.Collection(
            groups,
            group =>
            {
                Assert.Equal([10, 20, 30], group.Job!.Posts);
                Assert.Equal((7, Position, Small), (group.Job.Author, group.Job.Position, group.Queue));
                Assert.Equal([3, 4, 1], group.Rows.Select(row => row.Id));
            },
            group =>
            {
                Assert.Equal([25], group.Job!.Posts);
                Assert.Null(group.Job.Others);
            });
    }

    [Fact]
    public void Plans_are_not_put_together_with_chunks()
    {
        var plan = Of(row: 2, author: 7, post: 2);
        var groups = JobGroups.Of([Of(row: 1, author: 7, post: 1), plan with { Job = plan.Job! with { Kind = FanOutKind.Plan }, Queue = Large }], followers: 10);

        Assert.Equal([(1, Small), (2, Large)], groups.Select(group => (group.Job!.Posts.Single(), group.Queue)).Order());
    }

    [Fact]
    public void A_backfill_and_a_post_that_is_merged_stay_by_themselves()
    {
        var backfill = Of(row: 1, author: 7, post: 1);
        var groups = JobGroups.Of(
            [backfill with { Job = backfill.Job! with { Kind = FanOutKind.Backfill } }, Of(row: 2, author: 7, post: 2) with { Job = null }, Of(row: 3, author: 7, post: 3)], followers: 10);

        Assert.Equal([1, 2, 3], groups.Select(group => group.Rows.Single().Id));
        Assert.Equal([true, false, true], groups.Select(group => group.Job is not null));
    }

    [Fact]
    public void A_job_has_no_more_posts_than_it_may()
    {
        var groups = JobGroups.Of([.. Enumerable.Range(1, (2 * FanOutJob.MostPosts) + 1).Select(post => Of(post, author: 7, post))], followers: 10);

        Assert.Equal([FanOutJob.MostPosts, FanOutJob.MostPosts, 1], groups.Select(group => group.Job!.Posts.Length));
        Assert.All(groups, group => Assert.True(FanOutJob.TryRead(group.Job!.Write(), out _)));
    }

    [Fact]
    public void Jobs_of_small_audiences_travel_together_as_long_as_they_have_no_more_followers_than_a_chunk()
    {
        var groups = JobGroups.Of([.. Enumerable.Range(1, 5).Select(author => Of(author, author, post: author))], followers: 29);

        Assert.Equal([2, 2, 1], groups.Select(group => group.Job!.Apart.Length));
        Assert.Equal([1, 2, 3, 4, 5], groups.SelectMany(group => group.Job!.Apart).Select(job => job.Author));
        Assert.Equal([1, 2, 3, 4, 5], groups.SelectMany(group => group.Rows).Select(row => row.Id));
        Assert.All(groups, group => Assert.Equal(group.Job!.Names, group.Job.Apart.SelectMany(job => job.Names), StringComparer.Ordinal));
    }

    [Fact]
    public void Of_tiny_audiences_no_more_travel_together_than_a_message_may_have()
    {
        var groups = JobGroups.Of([.. Enumerable.Range(1, FanOutJob.MostTogether + 1).Select(author => Of(author, author, post: author) with { Followers = 0 })], followers: 1);

        Assert.Equal([FanOutJob.MostTogether, 1], groups.Select(group => group.Job!.Apart.Length));
        Assert.All(groups, group => Assert.True(FanOutJob.TryRead(group.Job!.Write(), out _)));
    }

    private static RoutedPost Of(long row, long author, long post) =>
        new(new OutboxRow(row, OutboxKind.Post, author, post, Other: null, TraceParent: null, TimeSpan.Zero), new FanOutJob(post, author, Position, After: 0), Small, Followers: 10);
}
