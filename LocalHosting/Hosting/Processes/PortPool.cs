using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Processes;

/// <summary>
/// Finds free ports and keeps them free until their process starts. They are taken from below the range the system uses for
/// outgoing connections: from within it, a server that died could lose its port to one of its own clients reconnecting.
/// </summary>
internal sealed class PortPool(Random random) : IDisposable
{
    private const int Lowest = 20_000;
    private const int FallbackHighest = 32_767;
    private const int Attempts = 500;

    private readonly Lock _gate = new();
    private readonly Dictionary<int, Socket> _held = [];
    private readonly int _highest = Highest();

    /// <summary>Takes a free port.</summary>
    public int Take()
    {
        for (var i = 0; i < Attempts; i++)
        {
            int port;
            lock (_gate)
                port = random.Next(Lowest, _highest);
            if (TryHold(port))
                return port;
        }

        throw new DistributedApplicationException($"No free port was found between {Lowest} and {_highest}.");
    }

    /// <summary>Takes a given port, if it is free.</summary>
    public bool TryHold(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));

            // Bound alone would not keep others off: .NET lets several sockets share a port that none listens on.
            socket.Listen(1);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return false;
        }

        lock (_gate)
        {
            if (_held.TryAdd(port, socket))
                return true;
        }

        socket.Dispose();
        return false;
    }

    /// <summary>Lets go of a port whose process is about to start.</summary>
    public void Release(int port)
    {
        lock (_gate)
        {
            if (_held.Remove(port, out var socket))
                socket.Dispose();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var socket in _held.Values)
                socket.Dispose();
            _held.Clear();
        }
    }

    private static int Highest()
    {
        const string file = "/proc/sys/net/ipv4/ip_local_port_range";
        if (!File.Exists(file))
            return FallbackHighest;
        var first = File.ReadAllText(file).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[0];
        return int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var low) && low > Lowest + 1_000 ? low - 1 : FallbackHighest;
    }
}
