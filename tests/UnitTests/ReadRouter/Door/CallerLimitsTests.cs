using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Floodgate.ReadRouter.Door;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Floodgate.UnitTests.ReadRouter.Door;

public sealed class CallerLimitsTests
{
    private readonly DoorOptions _options = new()
    {
        UserReadsPerSecond = 3,
        UserWritesPerSecond = 2,
        AddressReadsPerSecond = 4,
        AddressWritesPerSecond = 1,
        BurstSeconds = 5,
    };

    [Fact]
    public void Each_caller_and_kind_has_a_rate_of_its_own()
    {
        using var limiter = Limiter();

        AssertGranted(limiter, () => Request("GET", user: 1), rate: 3);
        AssertGranted(limiter, () => Request("HEAD", user: 2), rate: 3);
        AssertGranted(limiter, () => Request("PUT", user: 1), rate: 2);
        AssertGranted(limiter, () => Request("GET", address: "192.0.2.1"), rate: 4);
        AssertGranted(limiter, () => Request("POST", address: "192.0.2.1"), rate: 1);
        AssertGranted(limiter, () => Request("BREW", address: "192.0.2.2"), rate: 1);
    }

    [Fact]
    public void A_user_is_the_same_wherever_it_calls_from()
    {
        using var limiter = Limiter();
        var last = 0;

        AssertGranted(limiter, () => Request("GET", user: 1, address: $"192.0.2.{++last % 256}"), rate: 3);
    }

    [Fact]
    public void Of_a_whole_64_all_addresses_are_one_caller()
    {
        using var limiter = Limiter();
        var last = 0;

        AssertGranted(limiter, () => Request("GET", address: $"2001:db8::{++last:x}"), rate: 4);
    }

    [Fact]
    public void However_many_addresses_call_there_are_no_more_counts_than_slots()
    {
        _options.AddressSlots = 3;
        using var limiter = Limiter();
        var began = Stopwatch.GetTimestamp();
        var granted = Enumerable.Range(0, 10_000).Count(i => Acquire(limiter, Request("GET", address: new IPAddress(0x0A000000L + i).ToString())));

        Assert.InRange(granted, 1, 3 * MostOf(4, began));
    }

    [Fact]
    public async Task What_was_used_up_comes_back()
    {
        _options.UserWritesPerSecond = 1000;
        _options.BurstSeconds = 1;
        using var limiter = Limiter();
        while (Acquire(limiter, Request("POST", user: 1)))
        {
        }

        while (!Acquire(limiter, Request("POST", user: 1)))
            await Task.Yield();
    }

    [Fact]
    public void Zero_is_no_limit_and_probes_have_none()
    {
        _options.UserReadsPerSecond = 0;
        using var limiter = Limiter();

        Assert.All(Enumerable.Range(0, 1000), _ => Assert.True(Acquire(limiter, Request("GET", user: 1))));
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.True(Acquire(limiter, Request("GET", path: "/health"))));
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.True(Acquire(limiter, Request("POST", path: "/alive"))));
    }

    [Fact]
    public void Who_is_refused_hears_when_to_come_again()
    {
        using var limiter = Limiter();
        RateLimitLease lease;
        do
            lease = limiter.AttemptAcquire(Request("POST", address: "192.0.2.1"));
        while (lease.IsAcquired);

        Assert.True(lease.TryGetMetadata(MetadataName.RetryAfter, out var wait));
        Assert.InRange(wait, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(1));
    }

    // The burst at once, and after it no more than the rate gives while the test runs.
    private void AssertGranted(PartitionedRateLimiter<HttpContext> limiter, Func<HttpContext> request, int rate)
    {
        var began = Stopwatch.GetTimestamp();
        var granted = Enumerable.Range(0, 1000).Count(_ => Acquire(limiter, request()));

        Assert.InRange(granted, rate * _options.BurstSeconds, MostOf(rate, began));
    }

    private int MostOf(int rate, long began) =>
        (rate * _options.BurstSeconds) + (int)Math.Ceiling(rate * (Stopwatch.GetElapsedTime(began).TotalSeconds + 1));

    private PartitionedRateLimiter<HttpContext> Limiter()
    {
        var options = Options.Create(_options);
        return new CallerLimits(options, new AddressSlots(options)).Create();
    }

    private static bool Acquire(PartitionedRateLimiter<HttpContext> limiter, HttpContext request)
    {
        using var lease = limiter.AttemptAcquire(request);
        return lease.IsAcquired;
    }

    private static DefaultHttpContext Request(string method, long? user = null, string address = "192.0.2.1", string path = "/posts/1")
    {
        var context = new DefaultHttpContext();
        context.Request.Method = method;
        context.Request.Path = path;
        context.Connection.RemoteIpAddress = IPAddress.Parse(address);
        if (user is { } id)
            context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, id.ToString(CultureInfo.InvariantCulture))], "Bearer"));
        return context;
    }
}
