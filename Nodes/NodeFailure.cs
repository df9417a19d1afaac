using System.Net.Sockets;
using Npgsql;

namespace Floodgate.Nodes;

/// <summary>Tells whether an error is one of a node or of the way to it.</summary>
public static class NodeFailure
{
    /// <summary>
    /// Whether a server, or the network, is to blame: also a name that cannot be resolved, which the driver passes on as it is
    /// (npgsql/npgsql#5606).
    /// </summary>
    public static bool Is(Exception exception) =>
        exception is NpgsqlException or TimeoutException or IOException or SocketException or NodeUnavailableException or OperationCanceledException;
}
