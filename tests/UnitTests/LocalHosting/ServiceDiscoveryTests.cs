using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Floodgate.UnitTests.LocalHosting;

public sealed class ServiceDiscoveryTests
{
    [Theory]
    [InlineData("http://timeline/who")]
    [InlineData("https+http://timeline/who")]
    public async Task Calls_by_name_go_to_the_endpoints_in_turn(string address)
    {
        await using var first = await LoopbackServer.StartAsync(context => context.Response.WriteAsync("first" + context.Request.Path));
        await using var second = await LoopbackServer.StartAsync(context => context.Response.WriteAsync("second" + context.Request.Path));
        await using var services = Discover(
            ("services:timeline:http:0", first.Address), ("services:timeline:http:1", second.Address));
        var client = services.GetRequiredService<HttpClient>();

        var answers = new List<string>();
        for (var call = 0; call < 4; call++)
            answers.Add(await client.GetStringAsync(address, TestContext.Current.CancellationToken));

        Assert.Equal(["first/who", "second/who", "first/who", "second/who"], answers);
    }

    [Fact]
    public async Task A_named_endpoint_is_found()
    {
        await using var admin = await LoopbackServer.StartAsync(context => context.Response.WriteAsync("admin"));
        await using var services = Discover(("services:timeline:admin:0", admin.Address), ("services:timeline:http:0", "http://127.0.0.1:1"));

        Assert.Equal("admin", await services.GetRequiredService<HttpClient>()
            .GetStringAsync("http://_admin.timeline/", TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("http")]
    [InlineData("http+https")]
    public async Task A_host_that_is_no_service_is_called_as_it_is(string scheme)
    {
        await using var server = await LoopbackServer.StartAsync(context => context.Response.WriteAsync("reached"));
        await using var services = Discover(("services:other:http:0", "http://127.0.0.1:1"));

        Assert.Equal("reached", await services.GetRequiredService<HttpClient>()
            .GetStringAsync($"{scheme}://{new Uri(server.Address).Authority}/", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_change_of_configuration_is_followed()
    {
        await using var old = await LoopbackServer.StartAsync(context => context.Response.WriteAsync("old"));
        await using var moved = await LoopbackServer.StartAsync(context => context.Response.WriteAsync("moved"));
        await using var services = Discover(("services:timeline:http:0", old.Address));
        var client = services.GetRequiredService<HttpClient>();
        Assert.Equal("old", await client.GetStringAsync("http://timeline/", TestContext.Current.CancellationToken));

        var configuration = (IConfigurationRoot)services.GetRequiredService<IConfiguration>();
        configuration["services:timeline:http:0"] = moved.Address;
        configuration.Reload();

        Assert.Equal("moved", await client.GetStringAsync("http://timeline/", TestContext.Current.CancellationToken));
    }

    private static ServiceProvider Discover(params (string Key, string Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build());
        services.AddServiceDiscovery();
        services.AddHttpClient("").AddServiceDiscovery();
        return services.BuildServiceProvider();
    }
}
