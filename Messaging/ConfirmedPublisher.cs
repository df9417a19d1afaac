using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Floodgate.Messaging;

/// <summary>
/// Publishes to queues and completes when the broker has confirmed that the message is durable
/// (https://www.rabbitmq.com/docs/confirms#publisher-confirms). Many publishes may be in flight at once; the order of
/// the calls is the order on the wire. A broken channel is opened anew by the next publish. Safe for concurrent use.
/// </summary>
/// <param name="connect">
/// Gives the connection for publishing; consume on another, as a broker alarm blocks publishers.
/// </param>
/// <param name="outstanding">How many publishes may wait for their confirm at once.</param>
/// <param name="timeout">How long one publish may take.</param>
public sealed class ConfirmedPublisher(Func<CancellationToken, ValueTask<IConnection>> connect, int outstanding, TimeSpan timeout)
    : IAsyncDisposable
{
    private readonly SemaphoreSlim _sending = new(1, 1);

    // New with each channel: a confirm that the client loses together with its channel takes its slot with it.
    private SemaphoreSlim _slots = new(outstanding, outstanding);
    private IChannel? _channel;

    /// <summary>Publishes on one connection, which recovers by itself.</summary>
    /// <param name="connection">The connection for publishing.</param>
    /// <param name="outstanding">How many publishes may wait for their confirm at once.</param>
    /// <param name="timeout">How long one publish may take.</param>
    public ConfirmedPublisher(IConnection connection, int outstanding, TimeSpan timeout)
        : this(_ => ValueTask.FromResult(connection), outstanding, timeout)
    {
    }

    /// <summary>Publishes one message to a queue through the default exchange and waits for the confirm.</summary>
    /// <param name="queue">The queue; it must exist.</param>
    /// <param name="body">The message; it may be reused once the call completed without an error.</param>
    /// <param name="properties">Content type, headers; persistence is set here.</param>
    /// <param name="cancellationToken">Stops waiting; the message may or may not have arrived.</param>
    /// <exception cref="PublishUnconfirmedException">
    /// The broker is away, in alarm, refused the message, has no such queue, or did not confirm in time. Unless
    /// <see cref="PublishUnconfirmedException.Refused"/> is set, the message may be in the queue all the same.
    /// </exception>
    public async Task PublishAsync(string queue, ReadOnlyMemory<byte> body, BasicProperties properties, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(properties);
        properties.Persistent = true;
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(timeout);
        try
        {
            await (await SendAsync(queue, body, properties, limited.Token)).WaitAsync(limited.Token);
        }
        catch (PublishException exception)
        {
            throw new PublishUnconfirmedException(queue, refused: true, "The broker refused the message.", exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new PublishUnconfirmedException(queue, refused: false, $"The broker did not confirm within {timeout}.", exception);
        }
        catch (Exception exception) when (exception is RabbitMQClientException or IOException or ObjectDisposedException
            or System.Net.Sockets.SocketException or TimeoutException or InvalidOperationException)
        {
            throw new PublishUnconfirmedException(queue, refused: false, "The broker cannot be reached.", exception);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_channel is { } channel)
        {
            await channel.DisposeAsync();
        }

        _sending.Dispose();
    }

    // One at a time, waiting for a slot and for the channel included: the semaphore serves in the order of arrival, so the
    // order of the calls is the order on the wire. The task that comes back is the confirm, which nobody else waits for.
    private async Task<Task> SendAsync(string queue, ReadOnlyMemory<byte> body, BasicProperties properties, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            var channel = _channel is { IsOpen: true } open ? open : await OpenAsync(cancellationToken);
            var slots = _slots;
            await slots.WaitAsync(cancellationToken);
            try
            {
                // The client is never told to stop: version 7.1 corrupts its own count of confirms when a publish is
                // cancelled while it waits to be sent (rabbitmq/rabbitmq-dotnet-client#1900). The slot is held until it ends.
                return ConfirmAsync(channel.BasicPublishAsync("", queue, mandatory: true, properties, body, CancellationToken.None), slots);
            }
            catch
            {
                slots.Release();
                throw;
            }
        }
        finally
        {
            _sending.Release();
        }
    }

    private static async Task ConfirmAsync(ValueTask publish, SemaphoreSlim slots)
    {
        try
        {
            await publish;
        }
        finally
        {
            slots.Release();
        }
    }

    private async Task<IChannel> OpenAsync(CancellationToken cancellationToken)
    {
        if (_channel is { } broken)
        {
            LostObject.Dispose(broken);
            _channel = null;
        }

        // No rate limiter of the client's own: the slots are the limit.
        var connection = await connect(cancellationToken);
        _slots = new SemaphoreSlim(outstanding, outstanding);
        _channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(
                publisherConfirmationsEnabled: true,
                publisherConfirmationTrackingEnabled: true,
                outstandingPublisherConfirmationsRateLimiter: null),
            cancellationToken);
        return _channel;
    }
}
