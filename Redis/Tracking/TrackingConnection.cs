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

    // Nothing that this process asks for comes near.
    private const long LongestFrame = 32 * 1024 * 1024;

    private readonly PipeReader _reader = PipeReader.Create(stream);

    /// <summary>The run of Redis that it leads to.</summary>
    public string Run { get; private set; } = "";

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
        var connection = new TrackingConnection(await ConnectAsync(end, login, cancellationToken));
        try
        {
            await connection.BeginAsync(login, name, cancellationToken);
            return connection;
        }
        catch
        {
            await connection.EndReceivingAsync();
            await connection.DisposeAsync();
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
        Require(hello);
        if (login.Database > 0)
        {
            await AskAsync(cancellationToken, "SELECT", $"{login.Database}");
        }

        await AskAsync(cancellationToken, "CLIENT", "TRACKING", "ON");
        Run = RedisInfo.Parse((await AskAsync(cancellationToken, "INFO")).Words).Run;
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

            if (read.Buffer.Length > LongestFrame)
            {
                throw new InvalidDataException($"A frame is longer than {LongestFrame} bytes.");
            }

            _reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted)
            {
                throw new EndOfStreamException("Redis has closed the connection.");
            }
        }
    }

    /// <summary>Gives back what was received into. By who receives, who receives nothing any more; it closes the connection.</summary>
    public ValueTask EndReceivingAsync() => _reader.CompleteAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private static Socket SocketFor(EndPoint end) => end is UnixDomainSocketEndPoint
        ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private static async Task<Stream> ConnectAsync(EndPoint end, TrackingLogin login, CancellationToken cancellationToken)
    {
        var socket = SocketFor(end);
        Stream? opened = null;
        try
        {
            await socket.ConnectAsync(end, cancellationToken);
            opened = new NetworkStream(socket, ownsSocket: true);
            if (login.Tls)
            {
                var secure = new SslStream(opened);
                opened = secure;
                var host = login.TlsHost ?? (end as DnsEndPoint)?.Host ?? (end as IPEndPoint)?.Address.ToString() ?? "";
                await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host }, cancellationToken);
            }

            return opened;
        }
        catch
        {
            opened?.Dispose();
            socket.Dispose();
            throw;
        }
    }

    private static bool TryRead(in ReadOnlySequence<byte> buffer, out RespFrame frame, out SequencePosition end)
    {
        var reader = new SequenceReader<byte>(buffer);
        frame = RespFrame.TryRead(ref reader)!;
        end = reader.Position;
        return frame is not null;
    }

    private static void Require(RespFrame hello)
    {
        var said = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i + 1 < hello.Items.Length; i += 2)
        {
            said[hello.Items[i].Words] = hello.Items[i + 1].Words;
        }

        if (!Version.TryParse(said.GetValueOrDefault("version"), out var version) || version < OldestServer)
        {
            throw new NotSupportedException($"It takes Redis {OldestServer} or later, and this is {version?.ToString() ?? "another server"}.");
        }

        // On a cluster nobody knows here which server has a key, and a replica is not where others write.
        if (said.GetValueOrDefault("mode") != "standalone" || said.GetValueOrDefault("role") != "master")
        {
            throw new NotSupportedException($"It takes a single primary, and this is a {said.GetValueOrDefault("role")} ({said.GetValueOrDefault("mode")}).");
        }
    }

    private async Task<RespFrame> AskAsync(CancellationToken cancellationToken, params string[] command)
    {
        var output = new ArrayBufferWriter<byte>();
        RespCommand.Write(output, command);
        await SendAsync(output.WrittenMemory, cancellationToken);
        RespFrame answer;
        do
        {
            answer = await ReceiveAsync(cancellationToken);
        }
        while (answer.IsPush);

        if (answer.IsError)
        {
            // No more than its first word: who does not know a command quotes what came with it, the password too.
            throw new NotSupportedException($"Redis answers {command[0]} with {answer.Words.Split(' ')[0]}.");
        }

        return answer;
    }
}
