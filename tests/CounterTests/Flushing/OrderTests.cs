using System.Threading.Channels;
using Floodgate.CounterService.Coalescing;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Telemetry;
using Floodgate.CounterTests.Running;
using Floodgate.Messaging;
using Floodgate.Messaging.Counters;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using RabbitMQ.Client.Events;

namespace Floodgate.CounterTests.Flushing;

public sealed class OrderTests(Servers servers)
{
    [Fact]
    public async Task Writes_arrive_in_the_order_they_were_taken_in_envelopes_without_a_gap()
    {
        await using var bench = new FlushBench(servers);
        await bench.DeclareAsync();
        var options = new CounterOptions { EnvelopeWrites = 7, CoalesceWindow = TimeSpan.Zero };
        await using var publisher = new ConfirmedPublisher(servers.Broker, 100, TimeSpan.FromSeconds(5));
        using var telemetry = new CounterTelemetry();
        var sender = new EnvelopeSender(
            new EnvelopeQueues(publisher), bench.Hash, bench.Reactions, telemetry,
            new RedisPatience(Options.Create(options), TimeProvider.System), TimeProvider.System, NullLogger<EnvelopeSender>.Instance);
        var coalescer = new PartitionCoalescer(bench.Partition, () => bench.Producer, sender, options, TimeProvider.System);
        var counter = FlushBench.NewCounter();
        var writes = Enumerable.Range(1, 500).Select(i => new PendingWrite(counter, i) { Request = new RequestKey(i, "in-order") }).ToList();

        Assert.All(writes, write => Assert.Null(coalescer.TryAdd(write)));
        await coalescer.CompleteAsync();

        Assert.All(await Task.WhenAll(writes.Select(write => write.Outcome.AsTask())), outcome => Assert.Equal(WriteStatus.Durable, outcome.Status));
        var envelopes = await TakeAsync(bench, coalescer.Last.Sequence);
        Assert.Equal(Enumerable.Range(1, envelopes.Count).Select(i => (long)i), envelopes.Select(envelope => envelope.Id.Sequence));
        Assert.Equal(Enumerable.Range(1, 500).Select(i => (long)i), envelopes.SelectMany(envelope => envelope.Deltas).Select(delta => delta.Amount));
    }

    private async Task<List<CounterEnvelope>> TakeAsync(FlushBench bench, long count)
    {
        await using var channel = await servers.Broker.CreateChannelAsync(cancellationToken: FlushBench.Token);
        var taken = Channel.CreateUnbounded<CounterEnvelope>();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, message) => await taken.Writer.WriteAsync(EnvelopeCodec.Decode(message.Body.Span), FlushBench.Token);
        await channel.BasicConsumeAsync(QueueTopology.CounterFlush(bench.Partition), autoAck: true, "", false, false, null, consumer, FlushBench.Token);
        return await taken.Reader.ReadAllAsync(FlushBench.Token).Take((int)count).ToListAsync(FlushBench.Token);
    }
}
