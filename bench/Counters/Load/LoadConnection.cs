using System.Net;
using System.Net.Sockets;

namespace Floodgate.Bench.Counters.Load;

/// <summary>One keep-alive connection with at most one request under way.</summary>
internal sealed class LoadConnection(EndPoint target) : IDisposable
{
    private const int BufferSize = 16 * 1024;

    private readonly byte[] _out = new byte[4 * 1024];
    private readonly byte[] _in = new byte[BufferSize];
    private int _received;

    /// <summary>The connection; a new one after each <see cref="Connect"/>.</summary>
    public Socket Socket { get; private set; } = null!;

    /// <summary>When the request under way was sent, as a timestamp; 0 if none is.</summary>
    public long SentAt { get; private set; }

    /// <summary>Connects, anew if it was.</summary>
    /// <exception cref="SocketException">Nobody listens.</exception>
    public void Connect()
    {
        Socket?.Dispose();
        Socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Socket.Connect(target);
        Socket.Blocking = false;
        SentAt = 0;
        _received = 0;
    }

    /// <summary>Sends the next request.</summary>
    /// <exception cref="SocketException">The connection is broken.</exception>
    public void Send(RequestSource requests, long now)
    {
        var length = requests.Write(_out);
        _received = 0;
        SentAt = now;

        // A request is far smaller than the socket's buffer, which is empty: it goes out whole.
        var sent = Socket.Send(_out.AsSpan(0, length), SocketFlags.None);
        if (sent != length) throw new SocketException((int)SocketError.NoBufferSpaceAvailable);
    }

    /// <summary>Takes what has come.</summary>
    /// <returns>Whether the answer is complete; the request is then no longer under way.</returns>
    /// <exception cref="SocketException">The connection is broken or was ended.</exception>
    /// <exception cref="InvalidDataException">What came is no answer.</exception>
    public bool TryReceive(out HttpAnswer answer)
    {
        answer = default;
        var count = Socket.Receive(_in.AsSpan(_received), SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock) return false;
        if (error != SocketError.Success || count == 0) throw new SocketException((int)(error == SocketError.Success ? SocketError.ConnectionReset : error));

        _received += count;
        if (!HttpAnswer.TryRead(_in.AsSpan(0, _received), out answer))
        {
            if (_received == BufferSize) throw new InvalidDataException("The answer is too long.");
            return false;
        }

        if (SentAt == 0 || answer.Length != _received) throw new InvalidDataException("There came more than was asked for.");
        SentAt = 0;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => Socket?.Dispose();
}
