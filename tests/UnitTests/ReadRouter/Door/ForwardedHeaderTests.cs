using System.Net;
using Floodgate.UnitTests.ReadRouter.Gateway;

namespace Floodgate.UnitTests.ReadRouter.Door;

/// <summary>Whose word about who calls is taken.</summary>
public sealed class ForwardedHeaderTests : RunningGateway
{
    private static readonly string[] Claims =
    [
        "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Prefix", "X_Forwarded_For", "Forwarded", "X-Real-IP", "X-Original-For",
        "X-Original-Proto", "True-Client-IP",
    ];

    private static readonly (string, string)[] OneRead =
    [
        ("Floodgate:Door:AddressReadsPerSecond", "1"), ("Floodgate:Door:BurstSeconds", "1"),
        ("Floodgate:Door:AddressSlots", "1048576"), // So many that ten addresses meet in no run that anybody will see.
    ];

    [Theory]
    [InlineData("")]
    [InlineData("127.0.0.1")]
    public async Task A_service_never_hears_what_a_caller_says_of_its_way(string proxy)
    {
        await using var router = await StartRouterAsync("Development", [Service.Address], Proxy(proxy));
        using var response = await SendAsync(HttpMethod.Get, "/posts/1", configure: Claim, router: router);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.DoesNotContain(Assert.Single(Received).Headers, header => Claims.Contains(header.Key, StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task An_unknown_proxy_makes_nobody_a_new_address()
    {
        await using var router = await StartRouterAsync("Development", [Service.Address], [.. OneRead, .. Proxy("192.0.2.1")]);
        var answers = await SendFromAsync(router, i => $"198.51.100.{i}");

        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
    }

    [Fact]
    public async Task Behind_a_known_proxy_every_caller_has_its_own_address()
    {
        await using var router = await StartRouterAsync("Development", [Service.Address], [.. OneRead, .. Proxy("127.0.0.0/8")]);

        // What stands in front of the proxy's own entry came from the caller, and counts for nothing.
        var many = await SendFromAsync(router, i => $"203.0.113.9, 198.51.100.{i}");
        var one = await SendFromAsync(router, i => $"203.0.113.{i}, 198.51.100.77");

        Assert.DoesNotContain(HttpStatusCode.TooManyRequests, many);
        Assert.Contains(HttpStatusCode.TooManyRequests, one);
    }

    private static (string, string)[] Proxy(string address) => address.Contains('/', StringComparison.Ordinal)
        ? [("Floodgate:Door:KnownNetworks:0", address)]
        : address.Length > 0 ? [("Floodgate:Door:KnownProxies:0", address)] : [];

    private static void Claim(HttpRequestMessage request)
    {
        foreach (var name in Claims)
            request.Headers.TryAddWithoutValidation(name, name == "Forwarded" ? "for=10.0.0.1;proto=https" : "10.0.0.1");
    }

    private async Task<List<HttpStatusCode>> SendFromAsync(InProcessService router, Func<int, string> forwardedFor)
    {
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 10; i++)
        {
            using var response = await SendAsync(
                HttpMethod.Get, "/posts/1", configure: request => request.Headers.Add("X-Forwarded-For", forwardedFor(i)), router: router);
            answers.Add(response.StatusCode);
        }

        return answers;
    }
}
