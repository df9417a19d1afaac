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
    public void A_job_of_several_posts_is_read_as_it_was_written()
    {
        var job = new FanOutJob(5, 7, Position, After: 42).For([5, 6, 9]);

        Assert.Equal("""{"post":5,"author":7,"position":"00000002/00000016B374D848","after":42,"others":[6,9]}""", Encoding.UTF8.GetString(job.Write()));
        Assert.True(FanOutJob.TryRead(job.Write(), out var read));
        Assert.Equal([5, 6, 9], read.Posts);
        Assert.Equal("5:42 6:42 9:42", string.Join(' ', read.Names));
    }

    [Fact]
    public void Jobs_that_travel_together_are_read_as_they_were_written()
    {
        var job = new FanOutJob(5, 7, Position, After: 0) { More = [new FanOutJob(6, 8, Position, After: 0), new FanOutJob(1, 9, Position, After: 0).For([3, 4])] };

        Assert.True(FanOutJob.TryRead(job.Write(), out var read));
        Assert.Equal([(5, 7), (6, 8), (3, 9)], read.Apart.Select(one => (one.Post, one.Author)));
        Assert.All(read.Apart, one => Assert.Equal((Position, 0L, 0L, FanOutKind.Chunk), (one.Position, one.After, one.Until, one.Kind)));
        Assert.Equal("5:0 6:0 3:0 4:0", string.Join(' ', read.Names));
    }

    [Fact]
    public void A_job_of_too_many_posts_is_not_read()
    {
        var job = new FanOutJob(5, 7, Position, After: 0).For([.. Enumerable.Range(1, FanOutJob.MostPosts + 1).Select(post => (long)post)]);

        Assert.False(FanOutJob.TryRead(job.Write(), out _));
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
    [InlineData("""{"post":5,"author":7,"position":"00000002/00000016B374D848","others":[0]}""")]
    [InlineData("""{"post":5,"author":7,"position":"00000002/00000016B374D848","more":[{"post":5}]}""")]
    [InlineData("""{"post":5,"author":7,"position":"00000002/00000016B374D848","after":3,"more":[{"post":5,"author":9}]}""")]
    public void What_is_not_a_job_is_not_read(string body) =>
        Assert.False(FanOutJob.TryRead(Encoding.UTF8.GetBytes(body), out _));
}
