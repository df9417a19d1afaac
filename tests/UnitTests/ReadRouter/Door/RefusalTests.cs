using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using Floodgate.ReadRouter;
using Floodgate.UnitTests.ReadRouter.Gateway;
using Microsoft.Extensions.DependencyInjection;

namespace Floodgate.UnitTests.ReadRouter.Door;

/// <summary>What a caller hears who asks too much, and what is counted.</summary>
public sealed class RefusalTests : RunningGateway
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected override (string Key, string Value)[] Settings =>
    [
        ("Floodgate:Door:UserReadsPerSecond", "1"),
        ("Floodgate:Door:UserWritesPerSecond", "1"),
        ("Floodgate:Door:AddressReadsPerSecond", "1"),
        ("Floodgate:Door:AddressWritesPerSecond", "1"),
        ("Floodgate:Door:BurstSeconds", "1"),
        ("Floodgate:Door:FailedAuthenticationsPerSecond", "1"),
        ("Floodgate:Door:ConcurrentRequests", "1"),
        ("Floodgate:Door:EndpointTimeout", "00:00:00.200"),
    ];

    [Theory]
    [InlineData("GET", true, "user-reads")]
    [InlineData("DELETE", true, "user-writes")]
    [InlineData("GET", false, "address-reads")]
    [InlineData("DELETE", false, "address-writes")]
    public async Task A_caller_that_asks_too_often_gets_429_with_Retry_After(string method, bool signedIn, string reason)
    {
        using var refused = Refusals(reason);
        using var first = await SendAsync(new HttpMethod(method), "/posts/1", signedIn ? 42 : null);
        Assert.NotEqual(HttpStatusCode.TooManyRequests, first.StatusCode);

        // One a second: the request that comes in the same second as another is refused, and a second brings many.
        using var response = await UntilAsync(HttpStatusCode.TooManyRequests, () => SendAsync(new HttpMethod(method), "/posts/1", signedIn ? 42 : null));

        await AssertProblemAsync(response, HttpStatusCode.TooManyRequests);
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter?.Delta);
        Assert.True(refused.Count > 0);

        // Nobody else is concerned.
        using var other = await SendAsync(new HttpMethod(method), "/posts/1", user: 7);
        Assert.NotEqual(HttpStatusCode.TooManyRequests, other.StatusCode);
    }

    [Fact]
    public async Task An_address_that_shows_bad_tokens_is_not_listened_to_until_the_second_is_over()
    {
        using var refused = Refusals("failed-authentications");
        using var response = await UntilAsync(HttpStatusCode.TooManyRequests, BadTokenAsync);

        await AssertProblemAsync(response, HttpStatusCode.TooManyRequests);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.True(refused.Count > 0);

        using var later = await UntilAsync(HttpStatusCode.OK, () => SendAsync(HttpMethod.Get, "/posts/1", user: 9));
    }

    [Fact]
    public async Task A_probe_is_answered_whatever_comes_with_it()
    {
        for (var i = 0; i < 20; i++)
        {
            using var probe = await SendAsync(
                HttpMethod.Get, "/alive", configure: request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "x"));
            Assert.Equal(HttpStatusCode.OK, probe.StatusCode);
        }
    }

    [Fact]
    public async Task Where_too_many_requests_are_under_way_one_more_gets_503_and_a_probe_its_answer()
    {
        using var refused = Refusals("requests");
        var (arrived, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        Answer = _ =>
        {
            arrived.SetResult();
            return release.Task;
        };

        var held = SendAsync(HttpMethod.Get, "/posts/1", user: 1);
        await arrived.Task.WaitAsync(Cancel);
        using var response = await SendAsync(HttpMethod.Get, "/posts/1", user: 2);
        using var probe = await SendAsync(HttpMethod.Get, "/alive");
        release.SetResult();
        using var first = await held;

        await AssertProblemAsync(response, HttpStatusCode.ServiceUnavailable);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.Equal(1, refused.Count);
        Assert.Equal(HttpStatusCode.OK, probe.StatusCode);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
    }

    [Fact]
    public async Task A_call_of_the_routers_own_that_takes_too_long_ends_in_a_503()
    {
        using var refused = Refusals("time");
        Answer = context => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);

        using var response = await SendAsync(HttpMethod.Get, "/status", user: 1);

        await AssertProblemAsync(response, HttpStatusCode.ServiceUnavailable);
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter?.Delta);
        Assert.Equal(1, refused.Count);
    }

    private Task<HttpResponseMessage> BadTokenAsync() =>
        SendAsync(HttpMethod.Get, "/posts/1", configure: request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "x"));

    private static async Task<HttpResponseMessage> UntilAsync(HttpStatusCode status, Func<Task<HttpResponseMessage>> send)
    {
        while (true)
        {
            var response = await send();
            if (response.StatusCode == status)
                return response;
            response.Dispose();
        }
    }

    private RefusalCount Refusals(string reason) => new(Router.Services.GetRequiredService<IMeterFactory>(), reason);

    /// <summary>What this router counts from now on.</summary>
    private sealed class RefusalCount : IDisposable
    {
        private readonly MeterListener _listener = new();
        private int _count;

        public RefusalCount(IMeterFactory factory, string reason)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "floodgate.router.refused" && instrument.Meter.Scope == factory && instrument.Meter.Name == Measures.MeterName)
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
            {
                if (tags[0] is { Key: "reason", Value: string counted } && counted == reason)
                    Interlocked.Add(ref _count, (int)value);
            });
            _listener.Start();
        }

        public int Count => Volatile.Read(ref _count);

        public void Dispose() => _listener.Dispose();
    }
}
