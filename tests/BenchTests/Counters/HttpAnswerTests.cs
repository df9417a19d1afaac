using System.Text;
using Floodgate.Bench.Counters.Load;

namespace Floodgate.BenchTests.Counters;

public sealed class HttpAnswerTests
{
    private const string Chunked =
        "HTTP/1.1 202 Accepted\r\nContent-Type: application/json; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n{\"value\":12\r\n1\r\n}\r\n0\r\n\r\n";

    private const string Declared =
        "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 14\r\nRetry-After: 1\r\n\r\n{\"title\":\"no\"}";

    [Theory]
    [InlineData(Chunked, 202, true)]
    [InlineData(Declared, 503, false)]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", 204, false)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\n{\"likes\":7,\"liked\":true}", 200, true)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{\"liked\":true}", 200, false)]
    public void A_whole_answer_is_read(string text, int status, bool hasNumber)
    {
        Assert.True(HttpAnswer.TryRead(Encoding.ASCII.GetBytes(text), out var answer));

        Assert.Equal(new HttpAnswer(status, text.Length, hasNumber), answer);
    }

    [Theory]
    [InlineData(Chunked)]
    [InlineData(Declared)]
    public void An_answer_that_is_not_all_there_is_waited_for(string text)
    {
        var bytes = Encoding.ASCII.GetBytes(text);

        for (var received = 0; received < bytes.Length; received++)
            Assert.False(HttpAnswer.TryRead(bytes.AsSpan(0, received), out _), $"after {received} bytes");
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")]
    public void What_is_no_answer_is_refused(string text) =>
        Assert.Throws<InvalidDataException>(() => HttpAnswer.TryRead(Encoding.ASCII.GetBytes(text), out _));
}
