using Floodgate.Bench.CommandLine;
using Floodgate.Bench.Graphs;

namespace Floodgate.BenchTests.Graphs;

public sealed class EdgeListTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_line_is_A_follows_B_whether_packed_or_plain(bool packed)
    {
        using var file = new TemporaryFile("# a comment\n30 10 2\n\n30\t20 1\r\n  10 20\n", packed);
        var graph = EdgeList.Read(file.Path);

        Assert.Equal([30, 10, 20], graph.Ids);
        Assert.Equal([(0, 1), (0, 2), (1, 2)], graph.Follows);
        Assert.Equal([2, 1, 0], graph.CountFollowees([true, true, true]));
        Assert.Equal([1, 1, 0], graph.CountFollowees([false, false, true]));
        Assert.Equal([0, 1, 2], graph.CountFollowers());
    }

    [Fact]
    public void Who_follows_itself_is_left_out_and_counted()
    {
        using var file = new TemporaryFile("1 1 5\n1 2 1\n2 2 1\n");
        var graph = EdgeList.Read(file.Path);

        Assert.Equal(2, graph.SelfLoops);
        Assert.Equal([(0, 1)], graph.Follows);
    }

    [Theory]
    [InlineData("1 2\n3 x\n", "line 2")]
    [InlineData("# c\n\n1\n", "line 3")]
    [InlineData("1 -2\n", "line 1")]
    [InlineData("1 2\n0 2\n", "line 2")]
    [InlineData("1 9007199254740992\n", "line 1")]
    public void A_malformed_line_is_named_by_its_number(string text, string line)
    {
        using var file = new TemporaryFile(text);
        var wrong = Assert.Throws<UsageException>(() => EdgeList.Read(file.Path));

        Assert.Contains(line, wrong.Message, StringComparison.Ordinal);
        Assert.Contains(file.Path, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_the_first_N_users_only_the_edges_among_them_remain()
    {
        using var file = new TemporaryFile("1 2\n3 4\n4 1\n2 1\n3 1\n1 3\n");
        var graph = EdgeList.Read(file.Path, users: 3);

        Assert.Equal([1, 2, 3], graph.Ids);
        Assert.Equal([(0, 1), (1, 0), (2, 0), (0, 2)], graph.Follows);
    }

    [Fact]
    public void A_file_that_is_cut_off_is_an_error_that_names_it()
    {
        using var file = new TemporaryFile(string.Concat(Enumerable.Range(1, 5_000).Select(i => $"{i} {i * 7 % 4999 + 1}\n")), packed: true);
        var packed = File.ReadAllBytes(file.Path);
        packed.AsSpan(20, 40).Fill(0xff);
        File.WriteAllBytes(file.Path, packed);

        Assert.Contains(file.Path, Assert.Throws<UsageException>(() => EdgeList.Read(file.Path)).Message, StringComparison.Ordinal);
    }
}
