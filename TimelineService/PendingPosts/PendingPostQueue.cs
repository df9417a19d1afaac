using System.Globalization;
using System.Text;
using Floodgate.Messaging;
using Floodgate.TimelineService.FanOut;
using RabbitMQ.Client;

namespace Floodgate.TimelineService.PendingPosts;

/// <summary>Puts posts, and marks between them, into the queue of pending posts.</summary>
internal sealed class PendingPostQueue(Broker broker)
{
    /// <summary>The message type of a mark; its body is a time in Unix milliseconds. What came before it in the queue is older.</summary>
    public const string Mark = "mark";

    private const string Post = "post";

    /// <exception cref="PublishUnconfirmedException">The message may not have arrived.</exception>
    public Task PublishAsync(PendingPost post, CancellationToken cancellationToken) =>
        PublishAsync(
            post.Write(), new BasicProperties { Type = Post, ContentType = "application/json", MessageId = post.Id.ToString() }, cancellationToken);

    /// <exception cref="PublishUnconfirmedException">The message may not have arrived.</exception>
    public Task PublishMarkAsync(DateTimeOffset at, CancellationToken cancellationToken) =>
        PublishAsync(
            Encoding.ASCII.GetBytes(at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)), new BasicProperties { Type = Mark }, cancellationToken);

    /// <summary>Reads a mark.</summary>
    /// <returns>Whether it is one.</returns>
    public static bool TryReadMark(ReadOnlySpan<byte> body, out DateTimeOffset at)
    {
        var isMark = long.TryParse(body, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
        at = isMark ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : default;
        return isMark;
    }

    private async Task PublishAsync(byte[] body, BasicProperties properties, CancellationToken cancellationToken)
    {
        var publisher = await broker.PublisherAsync(cancellationToken);
        try
        {
            await publisher.PublishAsync(QueueTopology.PostsPending, body, properties, cancellationToken);
        }
        catch (PublishUnconfirmedException exception) when (exception.Refused)
        {
            broker.DeclareAgain();
            throw;
        }
    }
}
