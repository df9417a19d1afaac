using Floodgate.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Floodgate.UnitTests.Redis;

public class RedisRegistrationTests
{
    [Fact]
    public void Whoever_registers_the_generation_again_changes_nothing()
    {
        var services = new ServiceCollection();
        services.AddRedisGeneration();
        var once = services.Count;
        services.AddRedisGeneration();

        Assert.Equal(once, services.Count);
        using var provider = services.BuildServiceProvider();
        var checks = provider.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations;
        Assert.Equal("visible-values", Assert.Single(checks).Name);
    }
}
