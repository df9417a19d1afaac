using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Aspire.Hosting.Servers.Redis;

/// <summary>Asks a Redis server whether it answers: AUTH and PING in its protocol (RESP).</summary>
internal static class RedisProbe
{
    public static async Task PingAsync(int port, string? password, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.ASCII);
        if (password is not null)
            await AskAsync(stream, reader, ["AUTH", password], "+OK", cancellationToken);
        await AskAsync(stream, reader, ["PING"], "+PONG", cancellationToken);
    }

    private static async Task AskAsync(
        NetworkStream stream, StreamReader reader, string[] command, string expected, CancellationToken cancellationToken)
    {
        var text = $"*{command.Length}\r\n" + string.Concat(command.Select(part => $"${Encoding.UTF8.GetByteCount(part)}\r\n{part}\r\n"));
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        var answer = await reader.ReadLineAsync(cancellationToken);

        // While it loads its data it answers -LOADING.
        if (answer != expected)
            throw new DistributedApplicationException($"Redis answered '{answer}' to {command[0]}.");
    }
}
