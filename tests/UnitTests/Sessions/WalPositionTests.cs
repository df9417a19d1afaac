using Floodgate.Sessions;

namespace Floodgate.UnitTests.Sessions;

public sealed class WalPositionTests
{
    [Fact]
    public void A_later_timeline_is_past_every_lsn_of_an_earlier_one() =>
        Assert.True(new WalPosition(2, new Lsn(1)) > new WalPosition(1, new Lsn(ulong.MaxValue)));

    [Fact]
    public void The_order_of_the_texts_is_the_order_of_the_positions()
    {
        var random = new Random(1);
        for (var i = 0; i < 2_000; i++)
        {
            var (a, b) = (Any(random), Any(random));
            Assert.Equal(Math.Sign(a.CompareTo(b)), Math.Sign(string.CompareOrdinal(a.ToString(), b.ToString())));
        }
    }

    [Fact]
    public void What_was_written_is_read_back()
    {
        var position = new WalPosition(3, new Lsn(0x16_B374_D848));
        Assert.Equal("00000003/00000016B374D848", position.ToString());
        Assert.True(WalPosition.TryParse(position.ToString(), out var read));
        Assert.Equal(position, read);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("00000003-00000016B374D848")]
    [InlineData("00000003/00000016B374D84")]
    [InlineData("00000003/00000016B374D8480")]
    [InlineData("0000000x/00000016B374D848")]
    public void What_is_no_position_is_refused(string? text) => Assert.False(WalPosition.TryParse(text, out _));

    private static WalPosition Any(Random random) =>
        new((uint)random.Next(0, 3), new Lsn((ulong)random.NextInt64(0, random.Next(2) == 0 ? 10 : long.MaxValue)));
}
