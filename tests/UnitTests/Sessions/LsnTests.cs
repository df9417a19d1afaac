using Floodgate.Sessions;

namespace Floodgate.UnitTests.Sessions;

public sealed class LsnTests
{
    [Theory]
    [InlineData("0/0", 0ul)]
    [InlineData("16/B374D848", 0x16_B374_D848ul)]
    [InlineData("FFFFFFFF/FFFFFFFF", ulong.MaxValue)]
    public void An_lsn_is_read_and_written_as_PostgreSQL_writes_it(string text, ulong value)
    {
        Assert.Equal(value, Lsn.Parse(text, null).Value);
        Assert.Equal(text, new Lsn(value).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("1")]
    [InlineData("1/")]
    [InlineData("/1")]
    [InlineData("1/2/3")]
    [InlineData("-1/2")]
    [InlineData("1/ 2")]
    [InlineData("123456789/0")]
    [InlineData("G/0")]
    public void What_is_no_lsn_is_refused(string text) => Assert.False(Lsn.TryParse(text, null, out _));

    [Fact]
    public void A_distance_is_never_negative()
    {
        Assert.Equal(5ul, new Lsn(15).BytesPast(new Lsn(10)));
        Assert.Equal(0ul, new Lsn(10).BytesPast(new Lsn(15)));
    }
}
