using System.Diagnostics;
using Floodgate.SystemTests.Running;
using Floodgate.SystemTests.Telemetry;

namespace Floodgate.SystemTests;

/// <summary>One trace id from the router to the flush.</summary>
public sealed class TracingTests(RunningSystem system)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_trace_of_a_like_goes_from_the_router_through_the_queue_to_the_flush()
    {
        var (ann, traceId) = (await system.NewUserAsync(Cancel), ActivityTraceId.CreateRandom().ToHexString());
        var post = await ann.PostAsync("to be liked", Cancel);
        using var answer = await ann.SendAsync(
            HttpMethod.Put, $"/posts/{post}/like", null, Cancel, ("traceparent", $"00-{traceId}-{ActivitySpanId.CreateRandom()}-01"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await SpansOfAsync(traceId, "router", "counter", "flush");
    }

    [Fact]
    public async Task The_trace_of_a_post_goes_from_the_router_through_the_outbox_and_the_queue_to_the_fan_out()
    {
        var (ann, bob, traceId) = (await system.NewUserAsync(Cancel), await system.NewUserAsync(Cancel), ActivityTraceId.CreateRandom().ToHexString());
        await bob.FollowAsync(ann, Cancel);
        using var answer = await ann.SendAsync(
            HttpMethod.Post, "/posts", new { text = "traced" }, Cancel, ("traceparent", $"00-{traceId}-{ActivitySpanId.CreateRandom()}-01"));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var spans = await SpansOfAsync(traceId, "router", "timeline");
        await Eventually.HoldsAsync(
            () => Task.FromResult(system.Traces.Trace(traceId)),
            seen => seen.Any(span => span.Name.Contains("fan", StringComparison.OrdinalIgnoreCase)),
            TimeSpan.FromSeconds(20),
            Cancel);
        Assert.NotEmpty(spans);
    }

    private Task<IReadOnlyCollection<ReceivedSpan>> SpansOfAsync(string traceId, params string[] services) => Eventually.HoldsAsync(
        () => Task.FromResult(system.Traces.Trace(traceId)),
        spans => services.All(service => spans.Any(span => span.Service == service)),
        TimeSpan.FromSeconds(30),
        Cancel);
}
