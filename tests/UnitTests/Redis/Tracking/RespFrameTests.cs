using System.Buffers;
using System.Text;
using Floodgate.Redis.Tracking;

namespace Floodgate.UnitTests.Redis.Tracking;

public class RespFrameTests
{
    [Theory]
    [InlineData("+OK\r\n", "OK")]
    [InlineData("-ERR no\r\n", "ERR no")]
    [InlineData(":17\r\n", "17")]
    [InlineData("$5\r\nhe\r\nl\r\n", "he\r\nl")]
    [InlineData("$0\r\n\r\n", "")]
    [InlineData("$-1\r\n", null)]
    [InlineData("*-1\r\n", null)]
    [InlineData("_\r\n", null)]
    [InlineData("*2\r\n$1\r\na\r\n_\r\n", "(a )")]
    [InlineData("*0\r\n", "()")]
    [InlineData("%1\r\n+a\r\n:1\r\n", "(a 1)")]
    [InlineData(">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n", "(invalidate (k))")]
    public void It_is_read_once_it_is_whole_and_not_before(string bytes, string? said)
    {
        var all = Encoding.ASCII.GetBytes(bytes);
        for (var length = 0; length < all.Length; length++)
        {
            Assert.Null(Read(all[..length], out _));
        }

        var frame = Read([.. all, .. "+more"u8], out var read);

        Assert.NotNull(frame);
        Assert.Equal(all.Length, read);
        Assert.Equal(said, Text(frame));
    }

    [Theory]
    [InlineData("OK\r\n")]
    [InlineData("\r\n")]
    [InlineData("$x\r\n")]
    [InlineData("$-2\r\n")]
    [InlineData("$1\r\nabcd")]
    [InlineData("$17000000\r\n")]
    [InlineData("*1000001\r\n")]
    [InlineData("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n")]
    public void What_is_none_is_refused(string bytes) => Assert.Throws<InvalidDataException>(() => Read(Encoding.ASCII.GetBytes(bytes), out _));

    private static string? Text(RespFrame frame) => frame.Kind is (byte)'*' or (byte)'>' or (byte)'%'
        ? $"({string.Join(' ', frame.Items.Select(Text))})"
        : frame.Text is null ? null : frame.Words;

    private static RespFrame? Read(byte[] bytes, out long read)
    {
        var reader = new SequenceReader<byte>(new ReadOnlySequence<byte>(bytes));
        var frame = RespFrame.TryRead(ref reader);
        read = reader.Consumed;
        return frame;
    }
}
