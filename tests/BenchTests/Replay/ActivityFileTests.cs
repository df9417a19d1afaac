using Floodgate.Bench.CommandLine;
using Floodgate.Bench.Graphs;
using Floodgate.Bench.Replay;

namespace Floodgate.BenchTests.Replay;

public sealed class ActivityFileTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_line_is_an_activity_and_unknown_users_join_the_graph(bool packed)
    {
        using var file = new TemporaryFile("5 7 100 RT\n7 5 101 MT\n9 5 101 RE\n", packed);
        var graph = new SocialGraph();
        graph.TryAdd(7, int.MaxValue, out _);

        Assert.Equal(
            [new(1, 0, 100, ActivityKind.Retweet), new(0, 1, 101, ActivityKind.Mention), new(2, 1, 101, ActivityKind.Reply)],
            ActivityFile.Read(file.Path, graph));
        Assert.Equal([7, 5, 9], graph.Ids);
    }

    [Theory]
    [InlineData("1 2 3 RT\n1 2 3 XX\n", "line 2")]
    [InlineData("1 2 RT\n", "line 1")]
    [InlineData("1 2 3\n", "line 1")]
    public void A_malformed_line_is_named_by_its_number(string text, string line)
    {
        using var file = new TemporaryFile(text);
        var wrong = Assert.Throws<UsageException>(() => ActivityFile.Read(file.Path, new SocialGraph()));

        Assert.Contains(line, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void With_a_limit_of_users_only_the_activity_among_them_remains()
    {
        using var file = new TemporaryFile("1 2 10 RT\n1 3 11 RT\n3 4 12 MT\n2 1 13 RE\n");
        var graph = new SocialGraph();

        var activities = ActivityFile.Read(file.Path, graph, users: 2);

        Assert.Equal([10, 13], activities.Select(a => a.Time));
        Assert.Equal([1, 2], graph.Ids);
    }

    [Fact]
    public void Synthetic_activity_is_in_order_seeded_and_about_one_user()
    {
        var graph = SyntheticGraph.Create(500, new Random(1));
        var activities = SyntheticActivity.Create(graph, 3_000, new Random(2));

        Assert.Equal(activities, SyntheticActivity.Create(graph, 3_000, new Random(2)));
        Assert.Equal(activities.Select(a => a.Time).Order(), activities.Select(a => a.Time));
        var mostNamed = activities.GroupBy(a => a.Other).MaxBy(g => g.Count())!;
        Assert.InRange(mostNamed.Count(), 700, 3_000);
        Assert.Equal(graph.CountFollowers().Max(), graph.CountFollowers()[mostNamed.Key]);
    }
}
