using System.Net.Sockets;
using System.Text;

namespace Floodgate.Tests.RawHttp;

/// <summary>Sends bytes that no HTTP client would send, each request over a connection of its own.</summary>
/// <param name="server">Where to.</param>
internal sealed class RawClient(Uri server)
{
    // Of a request that has no end the server waits for the rest; it is told that there is none.
    private static readonly TimeSpan PatienceForMore = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    /// <summary>Sends a request, given in Latin-1, and returns the answer.</summary>
    /// <param name="request">What to send.</param>
    /// <param name="mayLackItsEnd">Whether the server may wait for more; it is told after a while that there is none, which ends the request.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">Neither an answer nor the end of the connection came within 15 s.</exception>
    public async Task<RawAnswer> SendAsync(string request, bool mayLackItsEnd, CancellationToken cancellationToken)
    {
        var bytes = Encoding.Latin1.GetBytes(request);
        using var limit = new CancellationTokenSource(Limit);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server.Host == "localhost" ? "127.0.0.1" : server.Host, server.Port, both.Token);
            return await ExchangeAsync(socket, bytes, mayLackItsEnd, both.Token);
        }
        catch (SocketException)
        {
            // Closed or reset before all was said: an answer as well.
            return RawAnswer.None;
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"No answer within {Limit} to: {request[..Math.Min(request.Length, 500)]}", exception);
        }
    }

    private static async Task<RawAnswer> ExchangeAsync(Socket socket, ReadOnlyMemory<byte> request, bool mayLackItsEnd, CancellationToken cancellationToken)
    {
        var received = new List<byte>();
        var buffer = new byte[16 * 1024];
        var sending = SendAllAsync(socket, request, cancellationToken);
        var reading = socket.ReceiveAsync(buffer, cancellationToken).AsTask();
        if (mayLackItsEnd)
        {
            await Task.WhenAny(reading, Task.Delay(PatienceForMore, TimeProvider.System, cancellationToken));
            if (!reading.IsCompleted)
                socket.Shutdown(SocketShutdown.Send);
        }

        while (true)
        {
            int count;
            try
            {
                count = await reading;
            }
            catch (SocketException) when (received.Count > 0)
            {
                count = 0;
            }

            received.AddRange(buffer.AsSpan(0, count));
            if (RawAnswer.TryParse(received.ToArray(), isHead: request.Span.StartsWith("HEAD "u8), ended: count == 0) is { } answer)
            {
                await sending;
                return answer;
            }

            reading = socket.ReceiveAsync(buffer, cancellationToken).AsTask();
        }
    }

    // The server may answer and close before it has read all.
    private static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        try
        {
            while (!request.IsEmpty)
                request = request[await socket.SendAsync(request, cancellationToken)..];
        }
        catch (SocketException)
        {
        }
    }
}
