using System.Collections.Concurrent;
using System.Diagnostics;
using Floodgate.CounterService.Coalescing;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Telemetry;
using Floodgate.CounterTests.Running;
using Floodgate.Messaging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Floodgate.CounterTests.Flushing;

public sealed class TraceTests(Servers servers)
{
    [Fact]
    public async Task A_trace_that_begins_with_a_request_ends_in_the_flush()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("Floodgate.", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var bench = new FlushBench(servers);
        await bench.DeclareAsync();
        using var request = new Activity("request").Start();
        var write = new PendingWrite(FlushBench.NewCounter(), 1);
        request.Stop();

        await SendAsync(bench, write);
        await bench.ConsumeAsync(envelopes: 1);

        Assert.Equal(WriteStatus.Durable, (await write.Outcome).Status);
        var publish = Assert.Single(spans, span => span.OperationName == "publish envelope");
        var flush = Assert.Single(spans, span => span.OperationName == "flush envelope");
        var batch = Assert.Single(spans, span => span.OperationName == "flush batch");
        Assert.Equal(request.SpanId, publish.ParentSpanId);
        Assert.Equal((request.TraceId, publish.SpanId), (flush.TraceId, flush.ParentSpanId));
        Assert.Equal(publish.Context.SpanId, Assert.Single(batch.Links).Context.SpanId);
    }

    private async Task SendAsync(FlushBench bench, PendingWrite write)
    {
        var options = Options.Create(new CounterOptions());
        await using var publisher = new ConfirmedPublisher(servers.Broker, 10, TimeSpan.FromSeconds(5));
        using var telemetry = new CounterTelemetry();
        var sender = new EnvelopeSender(
            new EnvelopeQueues(publisher), bench.Hash, bench.Reactions, telemetry,
            new RedisPatience(options, TimeProvider.System), TimeProvider.System, NullLogger<EnvelopeSender>.Instance);
        var coalescer = new PartitionCoalescer(bench.Partition, () => bench.Producer, sender, options.Value, TimeProvider.System);
        Assert.Null(coalescer.TryAdd(write));
        await coalescer.CompleteAsync();
    }
}
