using System.Net;
using System.Net.Http.Headers;
using Floodgate.ReadRouter.Authentication;
using Floodgate.ReadRouter.Forwarding;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Floodgate.UnitTests.ReadRouter.Gateway;

/// <summary>Streams on their way through the router.</summary>
public sealed class StreamingTests : RunningGateway
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TaskCompletionSource _upstreamEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private protected override (string Key, string Value)[] Settings =>
    [
        ("Floodgate:Nodes:ReadTimeout", "00:00:00.100"),
        ("Floodgate:Router:ReadTimeout", "00:00:00.400"),
        ("Floodgate:Router:StreamIdleTimeout", "00:00:01.500"),
        ("Floodgate:Door:ConcurrentRequests", "1"),
        ("Floodgate:Door:ConcurrentStreams", "1"),
    ];

    [Fact]
    public async Task Each_event_arrives_when_it_is_sent_and_the_read_timeout_does_not_end_a_stream()
    {
        var next = new SemaphoreSlim(0);
        Answer = async context =>
        {
            context.Response.ContentType = "text/event-stream";
            for (var i = 0; ; i++)
            {
                await context.Response.WriteAsync($"data: {i}\n\n", context.RequestAborted);
                await next.WaitAsync(context.RequestAborted);
            }
        };
        using var stream = await OpenAsync(Router);
        Assert.Equal("text/event-stream", stream.Response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("primary", stream.Response.Headers.GetValues("Floodgate-Node").Single());
        Assert.Equal("abc", Assert.Single(Received).Headers["Last-Event-ID"]);

        // Longer than a read may take in all.
        var began = TimeProvider.System.GetTimestamp();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var i = 0; TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromMilliseconds(800); i++)
        {
            Assert.Equal($"data: {i}", await stream.NextLineAsync());
            next.Release();
            await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        Assert.Single(Received);
    }

    [Fact]
    public async Task A_stream_counts_for_itself_and_ends_at_the_service_when_its_client_goes()
    {
        Answer = StreamForEverAsync;
        var instance = Router.Services.GetRequiredService<ServiceInstances>().All("timeline").Single();
        using (var stream = await OpenAsync(Router))
        {
            await stream.NextLineAsync();
            Assert.Equal((1, 0), (instance.Streams, instance.InFlight));

            // One request may be under way, and it is not the stream.
            Answer = _ => Task.CompletedTask;
            using var read = await SendAsync(HttpMethod.Get, "/posts/1");
            Assert.Equal(HttpStatusCode.OK, read.StatusCode);
            using var second = await SendAsync(HttpMethod.Get, "/timeline/stream", user: 42);
            await AssertProblemAsync(second, HttpStatusCode.ServiceUnavailable);
            Assert.NotNull(second.Headers.RetryAfter);
        }

        await _upstreamEnded.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_stream_that_broke_is_not_asked_for_again_and_one_without_a_sign_of_life_is_ended()
    {
        var hasArrived = new SemaphoreSlim(0);
        Answer = async context =>
        {
            await context.Response.WriteAsync("data: 1\n\n", context.RequestAborted);
            await hasArrived.WaitAsync(context.RequestAborted);
            context.Abort();
        };
        using (var broken = await OpenAsync(Router))
        {
            await broken.NextLineAsync();
            hasArrived.Release();
            await Assert.ThrowsAnyAsync<IOException>(() => broken.EndAsync());
        }

        Answer = StreamForEverAsync;
        using (var silent = await OpenWhenThereIsRoomAsync())
        {
            await Assert.ThrowsAnyAsync<IOException>(() => silent.EndAsync());
        }

        await _upstreamEnded.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(2, Received.Count);
    }

    [Fact]
    public async Task A_stream_that_does_not_begin_in_time_is_a_503_and_so_is_one_that_every_node_refuses()
    {
        Answer = context => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        using var late = await SendAsync(HttpMethod.Get, "/timeline/stream", user: 42);
        await AssertProblemAsync(late, HttpStatusCode.ServiceUnavailable);

        Answer = context =>
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        };
        using var refused = await SendAsync(HttpMethod.Get, "/timeline/stream", user: 42);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal(4, Received.Count);

        using var nobody = await SendAsync(HttpMethod.Get, "/timeline/stream");
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
    }

    // One event, and then silence.
    private async Task StreamForEverAsync(HttpContext context)
    {
        try
        {
            await context.Response.WriteAsync("data: 1\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            _upstreamEnded.TrySetResult();
        }
    }

    // The router notices a moment after its client that a stream has ended.
    private async Task<OpenStream> OpenWhenThereIsRoomAsync()
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (true)
        {
            var response = await RequestAsync(Router);
            if (response.StatusCode == HttpStatusCode.OK)
                return await OpenStream.OfAsync(response);
            response.Dispose();
            await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    private static async Task<OpenStream> OpenAsync(InProcessService router)
    {
        var response = await RequestAsync(router);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await OpenStream.OfAsync(response);
    }

    private static async Task<HttpResponseMessage> RequestAsync(InProcessService router)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/timeline/stream?limit=3");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", router.Services.GetRequiredService<UserTokens>().Create(42));
        request.Headers.Add("Last-Event-ID", "abc");
        return await router.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    private sealed record OpenStream(HttpResponseMessage Response, StreamReader Reader) : IDisposable
    {
        public static async Task<OpenStream> OfAsync(HttpResponseMessage response) =>
            new(response, new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)));

        /// <summary>The next line that is not empty; null at the end.</summary>
        public async Task<string?> NextLineAsync()
        {
            while (true)
            {
                var line = await Reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
                if (line is not "")
                    return line;
            }
        }

        public async Task EndAsync()
        {
            while (await NextLineAsync() is not null)
            {
                // What comes before the end does not matter.
            }
        }

        public void Dispose()
        {
            Reader.Dispose();
            Response.Dispose();
        }
    }
}
