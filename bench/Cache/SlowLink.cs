using System.Net;
using System.Net.Sockets;

namespace Floodgate.Bench.Cache;

/// <summary>
/// A connection to a server as if it were far away: what is sent to it arrives later by a fixed time, in order; its answers come at once. So a call's
/// time tells how often it goes there and back. Listens on loopback.
/// </summary>
internal sealed class SlowLink : IAsyncDisposable
{
    private const int Chunk = 64 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TaskCompletionSource<DnsEndPoint> _target = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeSpan _delay;
    private readonly TimeProvider _time;
    private readonly Task _accepting;

    /// <summary>Begins to listen.</summary>
    public SlowLink(TimeSpan delay, TimeProvider time)
    {
        (_delay, _time) = (delay, time);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Says where the server is; until then connections wait.</summary>
    public void LeadTo(string host, int port) => _target.TrySetResult(new DnsEndPoint(host, port));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true) open.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(TcpClient near)
    {
        using var _ = near;
        using var far = new TcpClient();
        try
        {
            var target = await _target.Task.WaitAsync(_stop.Token);
            await far.ConnectAsync(target.Host, target.Port, _stop.Token);
            near.NoDelay = far.NoDelay = true;
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            var both = new[] { SendLateAsync(near.GetStream(), far.GetStream(), ended.Token), far.GetStream().CopyToAsync(near.GetStream(), ended.Token) };
            await Task.WhenAny(both);
            await ended.CancelAsync();
            await Task.WhenAll(both);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            // One of the two has gone, or all is over.
        }
    }

    // Each piece leaves as long after it came; those that come meanwhile do not wait for one another.
    private async Task SendLateAsync(NetworkStream from, NetworkStream to, CancellationToken cancellation)
    {
        var sent = Task.CompletedTask;
        var buffer = new byte[Chunk];
        while (await from.ReadAsync(buffer, cancellation) is > 0 and var count)
        {
            var piece = buffer.AsSpan(0, count).ToArray();
            sent = SendAsync(sent, Task.Delay(_delay, _time, cancellation), to, piece, cancellation);
        }

        await sent;
    }

    private static async Task SendAsync(Task before, Task delay, NetworkStream to, byte[] piece, CancellationToken cancellation)
    {
        await delay;
        await before;
        await to.WriteAsync(piece, cancellation);
    }
}
