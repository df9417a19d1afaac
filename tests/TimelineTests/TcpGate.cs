using System.Net;
using System.Net.Sockets;

namespace Floodgate.TimelineTests;

/// <summary>A network path to a real server that a test can cut and mend.</summary>
public sealed class TcpGate : IAsyncDisposable
{
    private readonly IPEndPoint _server;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<TcpClient> _open = [];
    private readonly Task _accepting;
    private bool _isCut;
    private bool _hangs;

    public TcpGate(int serverPort)
    {
        _server = new IPEndPoint(IPAddress.Loopback, serverPort);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Ends every connection and every new one.</summary>
    public void Cut()
    {
        lock (_lock)
        {
            _isCut = true;
            _open.ForEach(client => client.Close());
            _open.Clear();
        }
    }

    /// <summary>Ends every connection; a new one is taken and gets no answer.</summary>
    public void Hang()
    {
        Cut();
        lock (_lock)
        {
            (_isCut, _hangs) = (false, true);
        }
    }

    public void Mend()
    {
        lock (_lock)
        {
            if (_hangs)
            {
                _open.ForEach(client => client.Close());
                _open.Clear();
            }

            (_isCut, _hangs) = (false, false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Cut();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = CarryAsync(client);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using var server = new TcpClient();
        var hangs = false;
        try
        {
            lock (_lock)
            {
                if (_isCut)
                {
                    client.Close();
                    return;
                }

                _open.Add(client);
                _open.Add(server);
                if (_hangs)
                {
                    hangs = true;
                    return;
                }
            }

            await server.ConnectAsync(_server);
            client.NoDelay = server.NoDelay = true;
            await Task.WhenAny(
                client.GetStream().CopyToAsync(server.GetStream(), _stop.Token), server.GetStream().CopyToAsync(client.GetStream(), _stop.Token));
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut.
        }
        finally
        {
            if (!hangs)
            {
                client.Dispose();
            }
        }
    }
}
