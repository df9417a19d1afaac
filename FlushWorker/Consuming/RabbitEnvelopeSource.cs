using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Floodgate.Messaging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Floodgate.FlushWorker.Consuming;

/// <summary>
/// A consumer on a partition's queue. The broker gives the queue to one consumer at a time; whoever comes second waits for
/// its turn (https://www.rabbitmq.com/docs/consumers#single-active-consumer).
/// </summary>
internal sealed class RabbitEnvelopeSource : IEnvelopeSource, IAsyncDisposable
{
    private readonly IChannel _channel;
    private readonly Channel<Delivery> _deliveries;

    private RabbitEnvelopeSource(IChannel channel, int prefetch)
    {
        _channel = channel;

        // The broker never hands out more than the prefetch, so this never waits.
        _deliveries = Channel.CreateBounded<Delivery>(prefetch);
    }

    /// <inheritdoc/>
    public bool IsOpen => _channel.IsOpen && !_deliveries.Reader.Completion.IsCompleted;

    /// <summary>Begins to consume; the queue is declared if it is not there.</summary>
    public static async Task<RabbitEnvelopeSource> OpenAsync(IConnection connection, int partition, int prefetch, CancellationToken cancellationToken)
    {
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            await QueueTopology.DeclareCounterFlushAsync(channel, partition, cancellationToken);
            await channel.BasicQosAsync(0, (ushort)prefetch, global: false, cancellationToken);
            var source = new RabbitEnvelopeSource(channel, prefetch);
            await channel.BasicConsumeAsync(QueueTopology.CounterFlush(partition), autoAck: false, source.CreateConsumer(), cancellationToken);
            return source;
        }
        catch
        {
            await channel.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool TryRead([NotNullWhen(true)] out Delivery? delivery) => _deliveries.Reader.TryRead(out delivery);

    /// <inheritdoc/>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken) => _deliveries.Reader.WaitToReadAsync(cancellationToken);

    /// <inheritdoc/>
    public Task AcknowledgeAsync(Delivery through, CancellationToken cancellationToken) =>
        _channel.BasicAckAsync(through.Tag, multiple: true, cancellationToken).AsTask();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _deliveries.Writer.TryComplete();
        return _channel.DisposeAsync();
    }

    private AsyncEventingBasicConsumer CreateConsumer()
    {
        var consumer = new AsyncEventingBasicConsumer(_channel);
        consumer.ReceivedAsync += async (_, message) =>
        {
            try
            {
                await _deliveries.Writer.WriteAsync(Delivery.Copy(message.DeliveryTag, message.Body, message.BasicProperties), CancellationToken.None);
            }
            catch (ChannelClosedException)
            {
                // Let go of meanwhile: the broker hands it to the next consumer.
            }
        };
        consumer.UnregisteredAsync += (_, _) => End();
        consumer.ShutdownAsync += (_, _) => End();
        _channel.ChannelShutdownAsync += (_, _) => End();
        return consumer;
    }

    private Task End()
    {
        _deliveries.Writer.TryComplete();
        return Task.CompletedTask;
    }
}
