using System.Threading.Channels;
using Floodgate.FlushWorker.Hosting;
using Floodgate.FlushWorker.Telemetry;
using Floodgate.Messaging;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Floodgate.FlushWorker.Consuming;

/// <summary>
/// Takes a partition's envelopes, gathers them into batches by time and size, and acknowledges a batch only once it is
/// committed. The broker gives the queue to one consumer at a time; whoever comes second waits for its turn.
/// </summary>
internal sealed class PartitionConsumer(int partition, BatchFlusher flusher, IOptions<FlushOptions> options, TimeProvider time, ILogger<PartitionConsumer> logger)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    /// <summary>The partition.</summary>
    public int Partition => partition;

    /// <summary>How many envelopes it holds that are not acknowledged.</summary>
    public int Held { get; private set; }

    /// <summary>How many envelopes it has acknowledged.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>When it last acknowledged.</summary>
    public DateTimeOffset? LastFlush { get; private set; }

    /// <summary>Consumes until the channel or the connection is lost.</summary>
    public async Task RunAsync(IConnection connection, CancellationToken stoppingToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: stoppingToken);
        var queue = QueueTopology.CounterFlush(partition);
        await QueueTopology.DeclareAsync(channel, queue, singleActiveConsumer: true, stoppingToken);
        await channel.BasicQosAsync(0, (ushort)options.Value.Prefetch, global: false, stoppingToken);

        // The broker never hands out more than the prefetch, so this never waits.
        var deliveries = Channel.CreateBounded<Delivery>(options.Value.Prefetch);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, message) =>
            await deliveries.Writer.WriteAsync(Delivery.Copy(message.DeliveryTag, message.Body, message.BasicProperties), CancellationToken.None);
        consumer.UnregisteredAsync += (_, _) => End(deliveries);
        consumer.ShutdownAsync += (_, _) => End(deliveries);
        channel.ChannelShutdownAsync += (_, _) => End(deliveries);
        await channel.BasicConsumeAsync(queue, autoAck: false, consumer, stoppingToken);
        FlushLog.Consuming(logger, partition);

        Held = 0;
        while (await deliveries.Reader.WaitToReadAsync(stoppingToken))
        {
            var batch = await GatherAsync(deliveries.Reader, stoppingToken);
            Held = batch.Count;
            if (!await FlushAsync(channel, batch, stoppingToken))
            {
                return;
            }

            await channel.BasicAckAsync(batch[^1].Tag, multiple: true, stoppingToken);
            Held = 0;
            Acknowledged += batch.Count;
            LastFlush = time.GetUtcNow();
        }
    }

    private static Task End(Channel<Delivery> deliveries)
    {
        deliveries.Writer.TryComplete();
        return Task.CompletedTask;
    }

    private async Task<List<Delivery>> GatherAsync(ChannelReader<Delivery> reader, CancellationToken stoppingToken)
    {
        var batch = new List<Delivery>();
        using var interval = new CancellationTokenSource(options.Value.FlushInterval, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(interval.Token, stoppingToken);
        try
        {
            do
            {
                while (batch.Count < options.Value.BatchEnvelopes && reader.TryRead(out var delivery))
                {
                    batch.Add(delivery);
                }
            }
            while (batch.Count < options.Value.BatchEnvelopes && await reader.WaitToReadAsync(either.Token));
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // The interval is over: this is the batch.
        }

        return batch;
    }

    // Until it is done, or the channel is gone: then the broker hands the same envelopes to the next consumer.
    private async Task<bool> FlushAsync(IChannel channel, List<Delivery> batch, CancellationToken stoppingToken)
    {
        var delay = FirstDelay;
        while (channel.IsOpen)
        {
            try
            {
                await flusher.FlushAsync(partition, batch, stoppingToken);
                return true;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                FlushLog.FlushFailed(logger, partition, batch.Count, delay, exception);
                await Task.Delay(delay, time, stoppingToken);
                delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
            }
        }

        return false;
    }
}
