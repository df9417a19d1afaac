using System.Globalization;
using System.Net;
using Floodgate.ReadRouter.Authentication;
using Floodgate.Sessions;
using Floodgate.Tests.RawHttp;
using Floodgate.UnitTests.ReadRouter.Gateway;
using Microsoft.Extensions.DependencyInjection;

namespace Floodgate.UnitTests.ReadRouter.Door;

/// <summary>Random requests at a gateway as it runs in production, and what of them a service would get to see.</summary>
public sealed class FuzzTests : RunningGateway
{
    private const string SeedVariable = "FLOODGATE_FUZZ_SEED";
    private const int Requests = 1500;

    private static readonly string[] Known = [InternalHeaders.User, InternalHeaders.Node, InternalHeaders.AtLeast, InternalHeaders.PastCaches];

    [Fact]
    public async Task Nothing_internal_is_reached_and_nobody_speaks_for_another_whatever_is_sent()
    {
        var seed = Environment.GetEnvironmentVariable(SeedVariable) is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"{SeedVariable}={seed}");
        await using var router = await StartRouterAsync(
            "Production", [Service.Address], ("Floodgate:Door:FailedAuthenticationsPerSecond", "0"), ("AllowedHosts", "*"));
        Poll(router, primary: 100, first: 100, second: 100);
        var fuzzer = new RequestFuzzer(new Random(seed), [router.Services.GetRequiredService<UserTokens>().Create(42)]);
        var requests = Enumerable.Range(0, Requests).Select(_ => fuzzer.Next()).ToList();
        var client = new RawClient(new Uri(router.Address));
        var (faults, answered) = (new List<string>(), 0);

        await Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = TestContext.Current.CancellationToken }, async (request, cancel) =>
        {
            var answer = await client.SendAsync(request.Text, request.MayLackItsEnd, cancel);
            if (answer.Status != 0)
                Interlocked.Increment(ref answered);
            if (answer.Fault() is { } fault)
            {
                lock (faults)
                    faults.Add($"{fault}\n  to: {request}");
            }
        });

        faults.AddRange(Received.Select(FaultOf).OfType<string>());
        Assert.True(faults.Count == 0, $"{SeedVariable}={seed}\n{string.Join('\n', faults.Take(20))}");
        Assert.InRange(answered, Requests / 2, Requests);
        Assert.True(Received.Count > Requests / 10, "The requests are too odd: hardly any is forwarded.");
        using var afterwards = await SendAsync(HttpMethod.Get, "/posts/1", user: 42, router: router);
        Assert.Equal(HttpStatusCode.OK, afterwards.StatusCode);
    }

    private static string? FaultOf((string Method, string Path, Microsoft.AspNetCore.Http.IHeaderDictionary Headers) request)
    {
        // What /status asks, and with nothing of a caller's but its trace.
        if (request is ("GET", "/internal/status", _) && request.Headers.Keys.All(name => name is "Host" or "traceparent" or "tracestate" or "baggage" or "Correlation-Context"))
            return null;

        // As the most generous server would read it.
        var path = new Uri("http://a" + request.Path.Split('?')[0]).AbsolutePath;
        if (path.Contains("/internal", StringComparison.OrdinalIgnoreCase) || path.Contains("..", StringComparison.Ordinal) && path != request.Path.Split('?')[0])
            return $"reached {request.Path}";
        // Routes match whatever the case (https://learn.microsoft.com/aspnet/core/fundamentals/routing).
        if (!path.StartsWith("/posts", StringComparison.OrdinalIgnoreCase) && !path.StartsWith("/users/", StringComparison.OrdinalIgnoreCase)
            && !path.StartsWith("/counters/", StringComparison.OrdinalIgnoreCase) && !path.Equals("/timeline", StringComparison.OrdinalIgnoreCase))
        {
            return $"reached {request.Path}";
        }

        var inside = request.Headers.Where(header => header.Key.Replace('_', '-').StartsWith(InternalHeaders.Prefix, StringComparison.OrdinalIgnoreCase)).ToList();
        if (inside.Any(header => !Known.Contains(header.Key, StringComparer.Ordinal) || header.Value.Count != 1))
            return $"{request.Path} with {string.Join(", ", inside)}";
        string? user = request.Headers[InternalHeaders.User];
        string? node = request.Headers[InternalHeaders.Node];
        string? pastCaches = request.Headers[InternalHeaders.PastCaches];
        return pastCaches is null or "1" && user is null or "42" && node is null or "primary" && !request.Headers.ContainsKey("X-Forwarded-For") && !request.Headers.ContainsKey("Forwarded")
            ? null
            : $"{request.Path} as {user} at {node}";
    }
}
