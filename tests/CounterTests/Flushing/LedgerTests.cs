using System.Threading.Channels;
using Floodgate.CounterTests.Running;
using Floodgate.FlushWorker.Consuming;
using Floodgate.Messaging;
using Floodgate.Messaging.Counters;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Floodgate.CounterTests.Flushing;

public sealed class LedgerTests(Servers servers)
{
    [Fact]
    public async Task An_envelope_that_comes_again_counts_once()
    {
        await using var bench = new FlushBench(servers);
        var counter = FlushBench.NewCounter();
        var (first, second) = (bench.Add(counter, 3), bench.Add(counter, 4));

        await bench.FlushAsync(first);
        var again = await bench.FlushAsync(first, second);

        Assert.Equal(7, await bench.FlushedAsync(counter));
        Assert.Equal(1, again.Duplicates);
        Assert.Equal("{[1,3)}", await bench.LedgerAsync());
    }

    [Fact]
    public async Task An_envelope_that_is_twice_in_a_batch_counts_once()
    {
        await using var bench = new FlushBench(servers);
        var counter = FlushBench.NewCounter();
        var envelope = bench.Add(counter, 3);

        await bench.FlushAsync(envelope, envelope);

        Assert.Equal(3, await bench.FlushedAsync(counter));
    }

    [Fact]
    public async Task A_gap_stays_open_until_its_envelope_comes()
    {
        await using var bench = new FlushBench(servers);
        var counter = FlushBench.NewCounter();
        var first = bench.Add(counter, 1);
        var delayed = bench.Add(counter, 10);
        var third = bench.Add(counter, 100);
        bench.Skip();
        var fifth = bench.Add(counter, 1000);

        await bench.FlushAsync(first, third, fifth);
        Assert.Equal("{[1,2),[3,4),[5,6)}", await bench.LedgerAsync());

        await bench.FlushAsync(delayed);
        Assert.Equal(1111, await bench.FlushedAsync(counter));
        Assert.Equal("{[1,4),[5,6)}", await bench.LedgerAsync());
    }

    [Fact]
    public async Task A_worker_killed_between_commit_and_acknowledgement_loses_and_doubles_nothing()
    {
        await using var bench = new FlushBench(servers);
        await bench.DeclareAsync();
        var counter = FlushBench.NewCounter();
        await bench.LoadAsync(counter);
        for (var i = 1; i <= 5; i++)
        {
            var envelope = bench.Add(counter, i);
            await bench.PublishAsync(envelope);
            await bench.ApplyAsync(envelope, counter, i);
        }

        // Three of them are committed and reconciled; then the channel goes, and with it the acknowledgement.
        await using (var channel = await servers.Broker.CreateChannelAsync(cancellationToken: FlushBench.Token))
        {
            var deliveries = await TakeAsync(channel, QueueTopology.CounterFlush(bench.Partition), count: 3);
            await bench.Flusher.FlushAsync(
                bench.Partition, [.. deliveries.Select(delivery => new ReceivedEnvelope(delivery, bench.Partition))], FlushBench.Token);
            Assert.Equal(6, await bench.FlushedAsync(counter));
        }

        await bench.ConsumeAsync(envelopes: 5);
        Assert.Equal(15, await bench.FlushedAsync(counter));
        Assert.Equal(15, await bench.ShownAsync(counter));
    }

    [Fact]
    public async Task An_idempotency_key_counts_once_in_a_batch_and_across_batches()
    {
        await using var bench = new FlushBench(servers);
        var counter = FlushBench.NewCounter();
        var request = new RequestKey(7, Guid.NewGuid().ToString());
        var other = new RequestKey(8, request.Key);
        await bench.LoadAsync(counter);
        var envelopes = new[] { bench.Add(counter, 5, request), bench.Add(counter, 5, request), bench.Add(counter, 5, other) };
        foreach (var envelope in envelopes)
        {
            await bench.ApplyAsync(envelope, counter, 5);
        }

        await bench.FlushAsync(envelopes);
        var later = await bench.FlushAsync(bench.Add(counter, 5, request));

        Assert.Equal(10, await bench.FlushedAsync(counter));
        Assert.Equal(10, await bench.ShownAsync(counter));
        Assert.Equal(1, later.RepeatedRequests);
    }

    // A queue with a single active consumer gives nothing to who asks without consuming.
    private static async Task<List<Delivery>> TakeAsync(IChannel channel, string queue, int count)
    {
        var taken = Channel.CreateUnbounded<Delivery>();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, message) =>
            await taken.Writer.WriteAsync(Delivery.Copy(message.DeliveryTag, message.Body, message.BasicProperties), FlushBench.Token);
        await channel.BasicQosAsync(0, (ushort)count, global: false, FlushBench.Token);
        await channel.BasicConsumeAsync(queue, autoAck: false, consumer, FlushBench.Token);
        return await taken.Reader.ReadAllAsync(FlushBench.Token).Take(count).ToListAsync(FlushBench.Token);
    }
}
