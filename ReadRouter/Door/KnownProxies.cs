using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace Floodgate.ReadRouter.Door;

/// <summary>The proxies in front of the router, whose word about who calls is taken.</summary>
internal sealed class KnownProxies
{
    private readonly IPNetwork[] _networks;
    private readonly int _forwardLimit;

    public KnownProxies(IOptions<DoorOptions> options)
    {
        var door = options.Value;
        _networks =
        [
            .. door.KnownProxies.Select(IPAddress.Parse).Select(proxy => new IPNetwork(proxy, proxy.GetAddressBytes().Length * 8)),
            .. door.KnownNetworks.Select(network => IPNetwork.Parse(network)),
        ];
        _forwardLimit = door.ForwardLimit;
    }

    public bool Any => _networks.Length > 0;

    public bool Contains(IPAddress? address)
    {
        if (address is null)
            return false;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return Array.Exists(_networks, network => network.Contains(address));
    }

    /// <summary>How forwarded headers are read: from these proxies alone.</summary>
    public ForwardedHeadersOptions ToOptions()
    {
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = Any ? ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto : ForwardedHeaders.None,
            ForwardLimit = _forwardLimit,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in _networks)
            options.KnownIPNetworks.Add(network);
        return options;
    }
}
