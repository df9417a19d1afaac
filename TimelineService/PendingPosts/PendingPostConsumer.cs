using System.Threading.Channels;
using Floodgate.Messaging;
using Floodgate.Nodes;
using Floodgate.TimelineService.FanOut;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Floodgate.TimelineService.PendingPosts;

/// <summary>
/// Consumes pending posts while the primary takes writes, and acknowledges what has ended. Whatever fails closes the channel:
/// the broker puts what was not acknowledged back in its place, so that the order stays, and nothing is held while the primary
/// is away.
/// </summary>
internal sealed class PendingPostConsumer(
    Broker broker, PendingPostStore store, PendingPostPublisher publisher, SchemaMigration schema,
    IOptions<TimelineOptions> options, TimeProvider time, ILogger<PendingPostConsumer> logger) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private bool _isWaiting;
    private TimeSpan _pause = FirstPause;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.Completed.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!await IsWritableAsync(stoppingToken))
                {
                    Wait("it is read-only", exception: null);
                }
                else
                {
                    await ConsumeAsync(stoppingToken);
                    Log.ConsumerEnded(logger, QueueTopology.PostsPending);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                Wait(exception.Message, exception);
            }

            await Task.Delay(_pause, time, stoppingToken);
            _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        }
    }

    private async Task<bool> IsWritableAsync(CancellationToken stoppingToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        limited.CancelAfter(options.Value.WriteTimeout);
        return await store.IsWritableAsync(limited.Token);
    }

    // Until the channel ends, or a message could not be dealt with.
    private async Task ConsumeAsync(CancellationToken stoppingToken)
    {
        var connection = await broker.ConsumingAsync(stoppingToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: stoppingToken);

        // The broker has at most this many unacknowledged, so there is always room.
        var deliveries = Channel.CreateBounded<Delivery>(options.Value.PendingBatch);
        channel.ChannelShutdownAsync += (_, _) => End(deliveries);
        await Broker.DeclareAsync(channel, stoppingToken);
        await channel.BasicQosAsync(prefetchSize: 0, prefetchCount: options.Value.PendingBatch, global: false, stoppingToken);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.UnregisteredAsync += (_, _) => End(deliveries);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            deliveries.Writer.TryWrite(new Delivery(delivery.DeliveryTag, delivery.BasicProperties.Type == PendingPostQueue.Mark, delivery.Body.ToArray()));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(QueueTopology.PostsPending, autoAck: false, consumer, stoppingToken);

        var batch = new List<Delivery>(options.Value.PendingBatch);
        while (await deliveries.Reader.WaitToReadAsync(stoppingToken))
        {
            batch.Clear();
            while (deliveries.Reader.TryRead(out var delivery))
            {
                batch.Add(delivery);
            }

            await HandleAsync(batch, stoppingToken);
            await channel.BasicAckAsync(batch[^1].Tag, multiple: true, stoppingToken);
            _isWaiting = false;
            _pause = FirstPause;
        }
    }

    // A mark says that everything before it has ended, so it waits for that.
    private async Task HandleAsync(List<Delivery> batch, CancellationToken stoppingToken)
    {
        var posts = new List<byte[]>(batch.Count);
        foreach (var delivery in batch)
        {
            if (!delivery.IsMark)
            {
                posts.Add(delivery.Body);
                continue;
            }

            await PublishAsync(posts, stoppingToken);
            if (PendingPostQueue.TryReadMark(delivery.Body, out var at))
            {
                await store.DrainedAsync(at, stoppingToken);
            }
        }

        await PublishAsync(posts, stoppingToken);
    }

    private async Task PublishAsync(List<byte[]> posts, CancellationToken stoppingToken)
    {
        if (posts.Count > 0)
        {
            await publisher.PublishAsync(posts, stoppingToken);
            Log.PendingEnded(logger, posts.Count);
            posts.Clear();
        }
    }

    // Said once, not at every try.
    private void Wait(string reason, Exception? exception)
    {
        if (!_isWaiting)
        {
            _isWaiting = true;
            Log.PendingWait(logger, reason, exception);
        }
    }

    private static Task End(Channel<Delivery> deliveries)
    {
        deliveries.Writer.TryComplete();
        return Task.CompletedTask;
    }

    private sealed record Delivery(ulong Tag, bool IsMark, byte[] Body);
}
