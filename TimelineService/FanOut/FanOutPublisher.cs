using Floodgate.Messaging;
using RabbitMQ.Client;

namespace Floodgate.TimelineService.FanOut;

/// <summary>Publishes jobs. Each is entered as open before; without Redis nothing is published: fan-out could do nothing with it, and the outbox keeps it.</summary>
internal sealed class FanOutPublisher(Broker broker)
{
    private const string Json = "application/json";
    private const string ReasonHeader = "floodgate-reason";

    /// <exception cref="PublishUnconfirmedException">The message may not have arrived.</exception>
    public Task PublishAsync(string queue, FanOutJob job, CancellationToken cancellationToken) =>
        PublishAsync(queue, job.Write(), new BasicProperties { ContentType = Json }, cancellationToken);

    /// <summary>Keeps a message that cannot be worked on for a person to look at.</summary>
    /// <exception cref="PublishUnconfirmedException">The message may not have arrived.</exception>
    public Task ParkAsync(ReadOnlyMemory<byte> body, string reason, CancellationToken cancellationToken) =>
        PublishAsync(
            QueueTopology.FanOutParked,
            body,
            new BasicProperties { Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { [ReasonHeader] = reason } },
            cancellationToken);

    private async Task PublishAsync(string queue, ReadOnlyMemory<byte> body, BasicProperties properties, CancellationToken cancellationToken)
    {
        var publisher = await broker.PublisherAsync(cancellationToken);
        try
        {
            await publisher.PublishAsync(queue, body, properties, cancellationToken);
        }
        catch (PublishUnconfirmedException exception) when (exception.Refused)
        {
            broker.DeclareAgain();
            throw;
        }
    }
}
