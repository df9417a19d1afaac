using Floodgate.Bench.CacheNode.Load;

namespace Floodgate.BenchTests.Cache;

public sealed class KeyOrderTests
{
    private const int Keys = 1000;
    private const int Draws = 60_000;

    [Fact]
    public void A_key_is_drawn_as_often_as_its_rank_says()
    {
        var order = new ZipfOrder(Keys, new Random(3));
        var counts = new int[Keys + 1];
        for (var i = 0; i < Draws; i++) counts[order.Next()]++;

        var harmonic = Enumerable.Range(1, Keys).Sum(k => 1.0 / k);
        foreach (var rank in (int[])[1, 2, 5, 20])
        {
            var expected = Draws / harmonic / rank;
            Assert.InRange(counts[rank], expected * 0.85, expected * 1.15);
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_order()
    {
        var (one, other) = (new ZipfOrder(Keys, new Random(7)), new ZipfOrder(Keys, new Random(7)));

        Assert.All(Enumerable.Range(0, 1000), _ => Assert.Equal(one.Next(), other.Next()));
    }

    [Fact]
    public void Processes_take_different_items_and_say_when_there_are_no_more()
    {
        var processes = Enumerable.Range(0, 4).Select(i => new FreshItems(first: 101 + i, step: 4, last: 140)).ToList();

        var taken = processes.SelectMany(process => Enumerable.Range(0, 10).Select(_ => process.Take())).ToList();

        Assert.Equal(Enumerable.Range(101, 40).Select(id => (long)id), taken.Order());
        Assert.All(processes, process => Assert.False(process.RanOut));
        Assert.All(processes, process => Assert.Equal(140, process.Take()));
        Assert.All(processes, process => Assert.True(process.RanOut));
    }
}
