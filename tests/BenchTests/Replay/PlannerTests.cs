using Floodgate.Bench.Replay;

namespace Floodgate.BenchTests.Replay;

public sealed class PlannerTests
{
    private const int A = 0;
    private const int B = 1;
    private const int C = 2;

    [Fact]
    public void A_retweet_is_a_post_of_the_other_a_like_of_it_and_a_post()
    {
        Assert.Equal(["B posts", "A likes 0", "A posts"], Plan(new Activity(A, B, 100, ActivityKind.Retweet)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_mention_and_a_reply_are_a_post_after_the_first_of_the_other(int kind)
    {
        Assert.Equal(["B posts", "A posts"], Plan(new Activity(A, B, 100, (ActivityKind)kind)));
    }

    [Fact]
    public void A_like_goes_to_the_latest_post_at_that_moment()
    {
        Assert.Equal(
            ["B posts", "A posts", "B posts", "C likes 2", "C posts", "A likes 4", "A posts"],
            Plan(
                new Activity(A, B, 100, ActivityKind.Mention),
                new Activity(B, A, 101, ActivityKind.Reply),
                new Activity(C, B, 102, ActivityKind.Retweet),
                new Activity(A, C, 103, ActivityKind.Retweet)));
    }

    [Fact]
    public void A_retweet_of_oneself_likes_ones_own_post()
    {
        Assert.Equal(["A posts", "A likes 0", "A posts"], Plan(new Activity(A, A, 100, ActivityKind.Retweet)));
    }

    [Fact]
    public void A_mention_of_oneself_is_one_post()
    {
        Assert.Equal(["A posts"], Plan(new Activity(A, A, 100, ActivityKind.Mention)));
    }

    [Fact]
    public void A_repeated_like_is_the_same_pair()
    {
        var plan = Planner.Create(
            [new(A, B, 1, ActivityKind.Retweet), new(A, B, 2, ActivityKind.Retweet), new(C, B, 3, ActivityKind.Retweet)], 3, 0, new Random(1));

        Assert.Equal([0, 0, 1], plan.Actions.Where(a => a.Kind == ActionKind.Like).Select(a => a.Pair));
        Assert.Equal([0, 0], plan.PairTargets);
    }

    [Fact]
    public void Times_count_from_the_first_and_never_run_backwards()
    {
        var plan = Planner.Create(
            [new(A, A, 500, ActivityKind.Mention), new(A, A, 510, ActivityKind.Mention), new(A, A, 505, ActivityKind.Mention)], 3, 0, new Random(1));

        Assert.Equal([0, 10, 10], plan.Actions.Select(a => a.Due));
        Assert.Equal(TimeSpan.FromSeconds(10), plan.Length);
    }

    [Fact]
    public void One_write_in_so_many_is_checked()
    {
        var activities = Enumerable.Range(0, 5_000).Select(i => new Activity(i % 3, (i + 1) % 3, i, ActivityKind.Mention)).ToArray();

        Assert.InRange(Planner.Create(activities, 3, 10, new Random(1)).Actions.Count(a => a.Checked), 400, 600);
        Assert.All(Planner.Create(activities, 3, 1, new Random(1)).Actions, a => Assert.True(a.Checked));
        Assert.All(Planner.Create(activities, 3, 0, new Random(1)).Actions, a => Assert.False(a.Checked));
    }

    private static string[] Plan(params Activity[] activities) =>
        [.. Planner.Create(activities, 3, 0, new Random(1)).Actions.Select(a => "ABC"[a.User] + (a.Kind == ActionKind.Post ? " posts" : $" likes {a.Target}"))];
}
