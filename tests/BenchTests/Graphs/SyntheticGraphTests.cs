using Floodgate.Bench.Graphs;

namespace Floodgate.BenchTests.Graphs;

public sealed class SyntheticGraphTests
{
    [Fact]
    public void The_same_seed_gives_the_same_graph_and_another_seed_another()
    {
        Assert.Equal(SyntheticGraph.Create(300, new Random(7)).Follows, SyntheticGraph.Create(300, new Random(7)).Follows);
        Assert.NotEqual(SyntheticGraph.Create(300, new Random(7)).Follows, SyntheticGraph.Create(300, new Random(8)).Follows);
    }

    [Fact]
    public void No_edge_comes_twice_and_nobody_follows_itself()
    {
        var graph = SyntheticGraph.Create(500, new Random(1));

        Assert.Equal(graph.Follows.Count, graph.Follows.Distinct().Count());
        Assert.DoesNotContain(graph.Follows, f => f.Follower == f.Followee);
    }

    [Fact]
    public void A_few_are_followed_by_very_many_and_most_by_hardly_any()
    {
        var followers = SyntheticGraph.Create(2_000, new Random(1)).CountFollowers().Order().ToArray();

        Assert.InRange(followers[1_000], 0, 4);
        Assert.InRange(followers[^1], 100, 2_000);
    }

    [Fact]
    public void Two_users_are_enough()
    {
        Assert.NotEmpty(SyntheticGraph.Create(2, new Random(1)).Follows);
    }
}
