using Floodgate.Bench.Timelines;

namespace Floodgate.BenchTests.Timelines;

public sealed class RedisBenchmarkTests
{
    [Fact]
    public void The_rate_is_read_from_the_line_of_the_command()
    {
        const string Output = "\"test\",\"rps\",\"avg_latency_ms\"\n\"ZADD\",\"412345.67\",\"7.1\"\n";

        Assert.Equal(412_345.67, RedisBenchmark.RateIn(Output));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Could not connect to Redis at 127.0.0.1:1: Connection refused")]
    [InlineData("\"test\",\"rps\"\n\"SET\",\"1.0\"")]
    public void An_output_without_it_has_no_rate(string output) => Assert.Null(RedisBenchmark.RateIn(output));

    [Fact]
    public void The_server_and_its_password_come_from_the_connection_string()
    {
        var arguments = string.Join(' ', RedisBenchmark.ArgumentsFor("localhost:6379,password=secret,ssl=false", 1000));

        Assert.StartsWith("-h localhost -p 6379 -a secret -P 64 -n 1000 ", arguments, StringComparison.Ordinal);
        Assert.DoesNotContain("-a", RedisBenchmark.ArgumentsFor("localhost:6379", 1000), StringComparer.Ordinal);
    }
}
