using Floodgate.Leases;
using Floodgate.Posts;
using Floodgate.TimelineService.Caches;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Floodgate.UnitTests.Timelines;

public sealed class HotPostTests
{
    [Fact]
    public void Posts_are_held_only_where_they_are_hotter_than_what_is_read_alone()
    {
        var options = OptionsWith([]);

        Assert.Equal(CacheRegistration.HotPostRate, options.Get(PostCache.EntityName).HotRate);
        Assert.Equal(new LeaseCacheOptions().HotRate, options.Get(UserCache.EntityName).HotRate);
    }

    [Theory]
    [InlineData("Floodgate:Cache:HotRate")]
    [InlineData("Floodgate:Cache:Entities:post:HotRate")]
    public void The_configuration_says_it_otherwise(string setting) =>
        Assert.Equal(300, OptionsWith(new(StringComparer.Ordinal) { [setting] = "300" }).Get(PostCache.EntityName).HotRate);

    private static IOptionsMonitor<LeaseCacheOptions> OptionsWith(Dictionary<string, string?> settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddCaches();
        return builder.Services.BuildServiceProvider().GetRequiredService<IOptionsMonitor<LeaseCacheOptions>>();
    }
}
