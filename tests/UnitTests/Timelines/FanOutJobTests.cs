using System.Text;
using Floodgate.Sessions;
using Floodgate.TimelineService.FanOut;

namespace Floodgate.UnitTests.Timelines;

public sealed class FanOutJobTests
{
    private static readonly WalPosition Position = new(2, new Lsn(0x16B374D848));

    [Fact]
    public void A_job_is_read_as_it_was_written()
    {
        var job = new FanOutJob((1L << 53) - 1, 7, Position, After: 42, Until: 99, Attempts: 3);

        Assert.True(FanOutJob.TryRead(job.Write(), out var read));
        Assert.Equal(job, read);
    }

    [Fact]
    public void A_first_job_says_only_what_it_must() =>
        Assert.Equal(
            """{"post":5,"author":7,"position":"00000002/00000016B374D848"}""",
            Encoding.UTF8.GetString(new FanOutJob(5, 7, Position, After: 0).Write()));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("""{"post":0,"author":7,"position":"00000002/00000016B374D848"}""")]
    [InlineData("""{"post":9007199254740992,"author":7,"position":"00000002/00000016B374D848"}""")]
    [InlineData("""{"post":5,"author":-7,"position":"00000002/00000016B374D848"}""")]
    [InlineData("""{"post":5,"author":7}""")]
    [InlineData("""{"post":5,"author":7,"position":"16/B374D848"}""")]
    [InlineData("""{"post":5,"author":7,"position":"00000002/00000016B374D848","after":-1}""")]
    public void What_is_not_a_job_is_not_read(string body) =>
        Assert.False(FanOutJob.TryRead(Encoding.UTF8.GetBytes(body), out _));
}
