using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Floodgate.ReadRouter.Door;

/// <summary>
/// Counts the open connections of each address and closes those past the limit before a byte is read. An address is kept only while it has a
/// connection, so there are never more than connections.
/// </summary>
internal sealed class ConnectionLimit(IOptions<DoorOptions> options, KnownProxies proxies, Measures measures)
{
    private readonly int _limit = options.Value.ConnectionsPerAddress;
    private readonly ConcurrentDictionary<AddressKey, int> _open = new();

    /// <summary>How many addresses have a connection.</summary>
    public int Addresses => _open.Count;

    public async Task HandleAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address;
        if (IsExempt(address))
        {
            await next(connection);
            return;
        }

        var key = AddressKey.Of(address);
        var open = _open.AddOrUpdate(key, 1, static (_, count) => count + 1);
        try
        {
            if (open > _limit)
            {
                measures.Refused(Refusal.Connections);
                connection.Abort(new ConnectionAbortedException("The address has too many connections."));
                return;
            }

            await next(connection);
        }
        finally
        {
            Leave(key);
        }
    }

    private bool IsExempt(IPAddress? address) =>
        _limit == 0 || address is null || IPAddress.IsLoopback(address) || proxies.Contains(address);

    private void Leave(AddressKey key)
    {
        var left = _open.AddOrUpdate(key, 0, static (_, count) => count - 1);

        // Removed only if it is still nothing: someone may have come in meanwhile.
        if (left == 0)
            _open.TryRemove(KeyValuePair.Create(key, 0));
    }
}
