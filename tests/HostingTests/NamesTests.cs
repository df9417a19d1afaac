namespace Floodgate.HostingTests;

public sealed class NamesTests
{
    [Theory]
    [InlineData("floodgate", "FLOODGATE")]
    [InlineData("replica-1", "REPLICA_1")]
    public void A_resource_name_becomes_part_of_an_environment_variable(string name, string expected) =>
        Assert.Equal(expected, ResourceNames.ToEnvironmentName(name));

    [Theory]
    [InlineData("1redis")]
    [InlineData("redis-")]
    [InlineData("re--dis")]
    [InlineData("re_dis")]
    [InlineData("")]
    public void A_name_that_Aspire_refuses_is_refused(string name) =>
        Assert.ThrowsAny<ArgumentException>(() => new RedisResource(name));

    [Fact]
    public void Two_resources_of_one_name_are_refused()
    {
        using var builder = DistributedApplicationTestingBuilder.Create();
        builder.AddRedis("cache");
        var refusal = Assert.Throws<DistributedApplicationException>(() => builder.AddRabbitMQ("Cache"));
        Assert.Contains("'Cache'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_endpoints_of_one_name_are_refused()
    {
        using var builder = DistributedApplicationTestingBuilder.Create();
        var program = builder.AddExecutable("program", "sh", ".").WithHttpEndpoint();
        Assert.Throws<DistributedApplicationException>(() => program.WithHttpEndpoint());
    }
}
