using System.Net.Sockets;
using Floodgate.Messaging;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Floodgate.TimelineService.FanOut;

/// <summary>
/// The two connections to the broker: an alarm blocks a connection that publishes, and must not stop the one that
/// consumes. They are made on first use, as the service starts without a broker too, and anew once they are lost.
/// </summary>
internal sealed class Broker(IConnectionFactory factory, IOptions<TimelineOptions> options, TimeProvider time) : IAsyncDisposable
{
    private const int Outstanding = 2000;

    private readonly BrokerConnection _publishing = new(factory, "timeline publish", time);
    private readonly BrokerConnection _consuming = new(factory, "timeline consume", time);
    private readonly SemaphoreSlim _opening = new(1, 1);
    private ConfirmedPublisher? _publisher;
    private volatile bool _declared;

    /// <summary>The publisher; the queues are there.</summary>
    /// <exception cref="PublishUnconfirmedException">The broker cannot be reached.</exception>
    public async ValueTask<ConfirmedPublisher> PublisherAsync(CancellationToken cancellationToken)
    {
        if (_publisher is { } ready && _declared)
        {
            return ready;
        }

        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (!_declared)
            {
                var connection = await _publishing.GetAsync(cancellationToken);
                await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
                await DeclareAsync(channel, cancellationToken);
                _declared = true;
            }

            return _publisher ??= new ConfirmedPublisher(_publishing.GetAsync, Outstanding, options.Value.PublishTimeout);
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw new PublishUnconfirmedException("", refused: false, "The broker cannot be reached.", exception);
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>The connection that consumes.</summary>
    /// <exception cref="IOException">The broker cannot be reached.</exception>
    public ValueTask<IConnection> ConsumingAsync(CancellationToken cancellationToken) => _consuming.GetAsync(cancellationToken);

    /// <summary>The broker refused a message: perhaps it was wiped and its queues are gone.</summary>
    public void DeclareAgain() => _declared = false;

    public static async Task DeclareAsync(IChannel channel, CancellationToken cancellationToken)
    {
        await QueueTopology.DeclareAsync(channel, QueueTopology.FanOutParked, singleActiveConsumer: false, cancellationToken);
        await QueueTopology.DeclareAsync(channel, QueueTopology.FanOutSmall, singleActiveConsumer: false, cancellationToken, QueueTopology.FanOutParked);
        await QueueTopology.DeclareAsync(channel, QueueTopology.FanOutLarge, singleActiveConsumer: false, cancellationToken, QueueTopology.FanOutParked);
        await QueueTopology.DeclarePendingPostsAsync(channel, cancellationToken);
    }

    /// <summary>Whether this means that the broker is away.</summary>
    public static bool IsFailure(Exception exception) =>
        exception is RabbitMQClientException or PublishUnconfirmedException or IOException or SocketException or ObjectDisposedException or TimeoutException
            or InvalidOperationException;

    public async ValueTask DisposeAsync()
    {
        if (_publisher is { } publisher)
        {
            await publisher.DisposeAsync();
        }

        await _publishing.DisposeAsync();
        await _consuming.DisposeAsync();
        _opening.Dispose();
    }
}
