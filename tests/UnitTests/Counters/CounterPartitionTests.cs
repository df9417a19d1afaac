using System.Globalization;
using Floodgate.Messaging.Counters;

namespace Floodgate.UnitTests.Counters;

public sealed class CounterPartitionTests
{
    [Fact]
    public void Neighbouring_keys_and_users_spread_over_all_partitions()
    {
        var counters = new int[8];
        var likes = new int[8];
        for (var i = 0; i < 8000; i++)
        {
            counters[CounterPartition.Of(new CounterId("views", i.ToString(CultureInfo.InvariantCulture)), 8)]++;
            likes[CounterPartition.Of(i + 1, post: 77, 8)]++;
        }

        Assert.All(counters, count => Assert.InRange(count, 850, 1150));
        Assert.All(likes, count => Assert.InRange(count, 850, 1150));
    }

    [Fact]
    public void A_partition_is_the_same_in_every_version()
    {
        // A change of these splits pairs and counters that are under way.
        Assert.Equal(PartitionOfViews, CounterPartition.Of(new CounterId("views", "a"), 8));
        Assert.Equal(PartitionOfPair, CounterPartition.Of(42, 1, 8));
    }

    // Both were seen in a database.
    private const int PartitionOfViews = 0;
    private const int PartitionOfPair = 4;
}
