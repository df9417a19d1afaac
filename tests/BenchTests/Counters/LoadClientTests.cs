using System.Collections.Concurrent;
using System.Net;
using Floodgate.Bench.Counters.Load;
using Floodgate.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Floodgate.BenchTests.Counters;

/// <summary>The load client against a server of the same kind that it measures.</summary>
public sealed class LoadClientTests : IAsyncLifetime
{
    private const int Connections = 8;
    private const long Enough = 200;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, int> _asked = new(StringComparer.Ordinal);
    private long _requests;
    private long _arrived;
    private WebApplication? _server;

    private IPEndPoint Address => new(IPAddress.Loopback, new Uri(_server!.Urls.Single()).Port);

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.Use((context, next) =>
        {
            Interlocked.Increment(ref _arrived);
            return next(context);
        });
        _server.MapPost("/good/{key}", Count);
        _server.MapPut("/posts/{post}/like", (HttpContext context) =>
        {
            _asked.AddOrUpdate(context.Request.Headers[InternalHeaders.User].ToString(), 1, (_, count) => count + 1);
            return Count(context);
        });
        _server.MapPost("/busy/{key}", () => Results.Json(new { title = "busy" }, statusCode: 429));
        _server.MapPost("/every-third-fails/{key}", () => Interlocked.Increment(ref _requests) % 3 == 0
            ? Results.Json(new { title = "away" }, statusCode: 503)
            : Results.Json(new { liked = true }));
        _server.MapPost("/every-third-hangs-up/{key}", (HttpContext context) =>
        {
            if (Interlocked.Increment(ref _requests) % 3 == 0) context.Abort();
            return Results.Json(new { value = 1 });
        });
        await _server.StartAsync();

        IResult Count(HttpContext context)
        {
            if (context.Request.RouteValues["key"] is string key) _asked.AddOrUpdate(key, 1, (_, count) => count + 1);
            return Results.Json(new { value = Interlocked.Increment(ref _requests) }, statusCode: 202);
        }
    }

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    [Fact]
    public async Task It_counts_exactly_what_the_server_was_asked()
    {
        var result = await LoadAsync(Additions("/good", keys: 10));

        Assert.True(result.Acknowledged >= Enough, $"{result.Acknowledged} were acknowledged");
        Assert.Equal(_requests, result.Acknowledged);
        Assert.Equal(result.Acknowledged, result.Latency.Count);
        Assert.Equal(0, result.Unknown + result.WithoutValue);
        Assert.InRange(result.Acknowledged - result.InTime, 0, Connections);
        Assert.Equal(10, _asked.Count);
    }

    [Fact]
    public async Task Each_like_is_of_another_user()
    {
        var result = await LoadAsync(new LikeRequests("localhost", 5, new InternalCaller(), firstUser: 1000));

        Assert.Equal(result.Acknowledged, _asked.Count);
        Assert.All(_asked, user => Assert.Equal(1, user.Value));
        Assert.True(_asked.ContainsKey("1000"));
    }

    [Fact]
    public async Task A_refusal_was_not_done()
    {
        var result = await LoadAsync(Additions("/busy", keys: 1));

        Assert.Equal(0, result.Acknowledged);
        Assert.Equal(0, result.Unknown);
        Assert.Equal(429, Assert.Single(result.Errors).Key);
    }

    [Fact]
    public async Task A_failure_of_the_server_may_have_been_done()
    {
        var result = await LoadAsync(Additions("/every-third-fails", keys: 1));

        Assert.True(result.Acknowledged > 0);
        Assert.Equal(result.Acknowledged, result.WithoutValue);
        Assert.Equal(_requests / 3, result.Unknown);
        Assert.Equal(result.Unknown, result.Errors[503]);
    }

    [Fact]
    public async Task A_broken_connection_may_have_been_done_and_is_made_anew()
    {
        var result = await LoadAsync(Additions("/every-third-hangs-up", keys: 1));

        Assert.True(result.Acknowledged > Connections, $"{result.Acknowledged} were acknowledged");
        Assert.Equal(_requests, result.Acknowledged + result.Unknown);
        Assert.Equal(result.Unknown, result.Errors[0]);
    }

    private static AdditionRequests Additions(string path, int keys) => new("localhost", path, keys, new InternalCaller(), new Random(1));

    private async Task<LoadResult> LoadAsync(RequestSource requests)
    {
        var result = new LoadResult();
        await new LoadClient(new TimeByRequests(() => Interlocked.Read(ref _arrived))).RunAsync(Address, requests, Connections, Duration, result, TestContext.Current.CancellationToken);
        return result;
    }

    /// <summary>A clock that stands still until the server was asked often enough, and then is past the end, however slow the machine is.</summary>
    private sealed class TimeByRequests(Func<long> arrived) : TimeProvider
    {
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => arrived() < Enough ? 1 : 1 + Duration.Ticks + 1;
    }
}
