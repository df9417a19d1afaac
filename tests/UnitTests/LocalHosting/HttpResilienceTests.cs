using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Floodgate.UnitTests.LocalHosting;

public sealed class HttpResilienceTests
{
    [Theory]
    [InlineData("GET", 3)]
    [InlineData("HEAD", 3)]
    [InlineData("POST", 1)]
    [InlineData("PUT", 1)]
    [InlineData("PATCH", 1)]
    [InlineData("DELETE", 1)]
    public async Task Only_safe_methods_are_repeated(string method, int expected)
    {
        var attempts = 0;
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = Interlocked.Increment(ref attempts) < 3 ? 503 : 200;
            return Task.CompletedTask;
        });
        await using var services = Resilient(options => options.Retry.DisableForUnsafeHttpMethods());

        using var request = new HttpRequestMessage(new HttpMethod(method), server.Address);
        using var response = await services.GetRequiredService<HttpClient>().SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(expected, attempts);
        Assert.Equal(expected == 3 ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    [Fact]
    public async Task An_answer_that_blames_the_caller_is_not_repeated()
    {
        var attempts = 0;
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            Interlocked.Increment(ref attempts);
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        });
        await using var services = Resilient();

        using var response = await services.GetRequiredService<HttpClient>().GetAsync(server.Address, TestContext.Current.CancellationToken);

        Assert.Equal(1, attempts);
    }

    [Fact]
    public async Task An_attempt_without_answer_ends_and_is_repeated()
    {
        var attempts = 0;
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            if (Interlocked.Increment(ref attempts) == 1)
                await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        await using var services = Resilient(options => options.AttemptTimeout.Timeout = TimeSpan.FromMilliseconds(200));

        using var response = await services.GetRequiredService<HttpClient>().GetAsync(server.Address, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, attempts);
    }

    [Fact]
    public async Task The_total_timeout_ends_all_attempts()
    {
        await using var server = await LoopbackServer.StartAsync(context =>
            Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default));
        await using var services = Resilient(options =>
        {
            options.AttemptTimeout.Timeout = TimeSpan.FromMilliseconds(200);
            options.TotalRequestTimeout.Timeout = TimeSpan.FromMilliseconds(300);
        });

        await Assert.ThrowsAsync<TimeoutRejectedException>(
            () => services.GetRequiredService<HttpClient>().GetAsync(server.Address, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_circuit_opens_after_failures()
    {
        var attempts = 0;
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            Interlocked.Increment(ref attempts);
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        await using var services = Resilient(options =>
        {
            options.Retry.ShouldHandle = _ => ValueTask.FromResult(false);
            options.CircuitBreaker.MinimumThroughput = 2;
        });
        var client = services.GetRequiredService<HttpClient>();

        for (var call = 0; call < 2; call++)
            (await client.GetAsync(server.Address, TestContext.Current.CancellationToken)).Dispose();

        await Assert.ThrowsAsync<BrokenCircuitException>(() => client.GetAsync(server.Address, TestContext.Current.CancellationToken));
        Assert.Equal(2, attempts);
    }

    private static ServiceProvider Resilient(Action<HttpStandardResilienceOptions>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddHttpClient("").AddStandardResilienceHandler(options =>
        {
            options.Retry.Delay = TimeSpan.FromMilliseconds(1);
            configure?.Invoke(options);
        });
        return services.BuildServiceProvider();
    }
}
