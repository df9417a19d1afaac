using Floodgate.Redis;

namespace Floodgate.UnitTests.Redis;

public class RedisInfoTests
{
    private const string Run = "7ca31e9e1a5c9d8e4f0b2d6a8c1e3f5079bdf024";

    [Fact]
    public void The_run_and_the_evicted_keys_are_read()
    {
        var info = RedisInfo.Parse(
            $"# Server\r\nredis_version:7.0.15\r\nrun_id:{Run}\r\ntcp_port:6379\r\n\r\n# Stats\r\nexpired_keys:4\r\nevicted_keys:12345678901\r\n");

        Assert.Equal(new RedisInfo(Run, 12345678901), info);
    }

    [Theory]
    [InlineData("", "run id")]
    [InlineData($"run_id:{Run}\r\n", "evicted")]
    [InlineData($"run_id:{Run}\r\nevicted_keys:\r\n", "evicted")]
    [InlineData($"run_id:{Run}\r\nevicted_keys:-1\r\n", "evicted")]
    [InlineData("run_id:7ca31e9e\r\nevicted_keys:0\r\n", "run id")]
    [InlineData("evicted_keys:0\r\n", "run id")]
    [InlineData($"master_run_id:{Run}\r\nevicted_keys:0\r\n", "run id")]
    public void An_answer_that_lacks_one_of_them_is_no_answer(string answer, string missing) =>
        Assert.Contains(missing, Assert.Throws<InvalidOperationException>(() => RedisInfo.Parse(answer)).Message, StringComparison.Ordinal);
}
