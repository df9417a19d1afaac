using Floodgate.Leases;
using Floodgate.Leases.InProcess;
using Floodgate.Leases.Store;
using Floodgate.Sessions;

namespace Floodgate.UnitTests.Leases;

public sealed class CopiesTests
{
    private const long MostBytes = 100_000;

    [Fact]
    public void However_many_there_are_they_take_no_more_than_they_may_and_the_youngest_stay()
    {
        var copies = new Copies<int, string>(MostBytes);
        for (var key = 0; key < 10_000; key++)
        {
            copies.Keep(key, CopyOf("value", bytes: 100));
            Assert.InRange(copies.Bytes, 1, MostBytes + 2000);
        }

        Assert.NotNull(copies.Find(9_999));
        Assert.Null(copies.Find(0));
    }

    [Fact]
    public void What_is_read_stays_while_others_come()
    {
        var copies = new Copies<int, string>(MostBytes);
        for (var key = 0; key < 1000; key++)
        {
            copies.Keep(key, CopyOf("value", bytes: 100));
            Assert.NotNull(copies.Find(0));
        }
    }

    [Fact]
    public void One_that_is_larger_than_the_room_for_it_is_not_kept_and_takes_no_other_s_place()
    {
        var copies = new Copies<int, string>(MostBytes);
        copies.Keep(1, CopyOf("small", bytes: 10));

        copies.Keep(2, CopyOf("large", bytes: (int)MostBytes));

        Assert.Null(copies.Find(2));
        Assert.Equal("small", copies.Find(1)?.Found.Value);
    }

    [Fact]
    public void What_is_forgotten_is_gone_from_both_halves()
    {
        var copies = new Copies<int, string>(MostBytes);
        copies.Keep(0, CopyOf("value", bytes: 100));
        for (var key = 1; copies.Bytes < MostBytes / 2 + 2000; key++)
            copies.Keep(key, CopyOf("value", bytes: 100));
        Assert.NotNull(copies.Find(0));

        copies.Remove(0);

        Assert.Null(copies.Find(0));
    }

    private static Copy<string> CopyOf(string value, int bytes) => new(
        new EntryMeta(default, default, 0, TimeSpan.Zero, Exists: true, "1:a"), EntryVersion.Of("key", "meta", "token"),
        new Found<string>(value, default, default, WalPosition.None, CacheSource.Hit, bytes), number: 0);
}
