using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Floodgate.Redis.Tracking;

/// <summary>
/// A connection on which Redis says, in order with its answers, which of the keys that were read on it have been changed: RESP3 with CLIENT TRACKING
/// (https://redis.io/docs/latest/develop/reference/client-side-caching/). The client library has no such connection: it passes over what Redis says of itself.
/// </summary>
/// <param name="stream">The bytes.</param>
internal sealed class TrackingConnection(Stream stream) : IAsyncDisposable
{
    /// <summary>Before it, what Redis says of itself can come in the middle of an answer (https://github.com/redis/redis/issues/8935).</summary>
    public static readonly Version OldestServer = new(7, 0);

    private readonly PipeReader _reader = PipeReader.Create(stream);

    /// <summary>Connects and has Redis track what is read.</summary>
    /// <param name="end">Where Redis is.</param>
    /// <param name="login">How to connect to it.</param>
    /// <param name="name">By which name Redis lists the connection.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    /// <exception cref="NotSupportedException">This Redis cannot do that.</exception>
    /// <exception cref="IOException">It does not answer, or not as Redis does.</exception>
    /// <exception cref="SocketException">It cannot be reached.</exception>
    public static async Task<TrackingConnection> OpenAsync(EndPoint end, TrackingLogin login, string name, CancellationToken cancellationToken)
    {
        var socket = SocketFor(end);
        try
        {
            await socket.ConnectAsync(end, cancellationToken);
            var connection = new TrackingConnection(await StreamAsync(socket, end, login, cancellationToken));
            await connection.BeginAsync(login, name, cancellationToken);
            return connection;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Asks for the protocol and for tracking.</summary>
    /// <param name="login">Who the client is.</param>
    /// <param name="name">By which name Redis lists the connection.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    /// <exception cref="NotSupportedException">This Redis cannot do that.</exception>
    /// <exception cref="IOException">It does not answer, or not as Redis does.</exception>
    public async Task BeginAsync(TrackingLogin login, string name, CancellationToken cancellationToken)
    {
        var hello = login.Password is { } password
            ? await AskAsync(cancellationToken, "HELLO", "3", "AUTH", login.User, password, "SETNAME", name)
            : await AskAsync(cancellationToken, "HELLO", "3", "SETNAME", name);
        var version = VersionOf(hello);
        if (version < OldestServer)
        {
            throw new NotSupportedException($"Redis {version} is older than {OldestServer}.");
        }

        if (login.Database > 0)
        {
            await AskAsync(cancellationToken, "SELECT", $"{login.Database}");
        }

        await AskAsync(cancellationToken, "CLIENT", "TRACKING", "ON");
    }

    /// <summary>Sends commands. One caller at a time.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
    public ValueTask SendAsync(ReadOnlyMemory<byte> commands, CancellationToken cancellationToken) => stream.WriteAsync(commands, cancellationToken);

    /// <summary>Reads the next frame. One caller at a time.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
    /// <exception cref="InvalidDataException">What comes is no frame.</exception>
    public async ValueTask<RespFrame> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await _reader.ReadAsync(cancellationToken);
            if (TryRead(read.Buffer, out var frame, out var end))
            {
                _reader.AdvanceTo(end);
                return frame;
            }

            _reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted)
            {
                throw new EndOfStreamException("Redis has closed the connection.");
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private static Socket SocketFor(EndPoint end) => end is UnixDomainSocketEndPoint
        ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private static async Task<Stream> StreamAsync(Socket socket, EndPoint end, TrackingLogin login, CancellationToken cancellationToken)
    {
        var stream = new NetworkStream(socket, ownsSocket: true);
        if (!login.Tls)
        {
            return stream;
        }

        var secure = new SslStream(stream);
        var host = login.TlsHost ?? (end as DnsEndPoint)?.Host ?? (end as IPEndPoint)?.Address.ToString() ?? "";
        await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host }, cancellationToken);
        return secure;
    }

    private static bool TryRead(in ReadOnlySequence<byte> buffer, out RespFrame frame, out SequencePosition end)
    {
        var reader = new SequenceReader<byte>(buffer);
        frame = RespFrame.TryRead(ref reader)!;
        end = reader.Position;
        return frame is not null;
    }

    private static Version VersionOf(RespFrame hello)
    {
        for (var i = 0; i + 1 < hello.Items.Length; i += 2)
        {
            if (hello.Items[i].Words == "version" && Version.TryParse(hello.Items[i + 1].Words, out var version))
            {
                return version;
            }
        }

        return new Version();
    }

    private async Task<RespFrame> AskAsync(CancellationToken cancellationToken, params string[] command)
    {
        var output = new ArrayBufferWriter<byte>();
        RespCommand.Write(output, command);
        await SendAsync(output.WrittenMemory, cancellationToken);
        var answer = await ReceiveAsync(cancellationToken);
        return answer.IsError ? throw new NotSupportedException($"Redis answers {command[0]} with: {answer.Words}") : answer;
    }
}
