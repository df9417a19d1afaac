using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A place where a resource listens.</summary>
public sealed class EndpointAnnotation : IResourceAnnotation
{
    private int? _targetPort;
    private string? _transport;

    /// <summary>Makes the annotation.</summary>
    /// <param name="protocol">TCP or UDP.</param>
    /// <param name="uriScheme">The scheme of its address; by default the protocol's name.</param>
    /// <param name="transport">What is spoken; by default <c>http</c> for the schemes http and https, else the protocol's name.</param>
    /// <param name="name">Its name; by default the scheme.</param>
    /// <param name="port">The port others connect to; null for a free one.</param>
    /// <param name="targetPort">The port the resource would listen on in a container.</param>
    /// <param name="isExternal">Whether it is meant for others than the application's own resources.</param>
    /// <param name="isProxied">Kept for the interface: LocalHosting has no proxy.</param>
    public EndpointAnnotation(
        ProtocolType protocol,
        string? uriScheme = null,
        string? transport = null,
        [EndpointName] string? name = null,
        int? port = null,
        int? targetPort = null,
        bool? isExternal = null,
        bool? isProxied = null)
    {
        Protocol = protocol;
        UriScheme = uriScheme ?? (protocol == ProtocolType.Udp ? "udp" : "tcp");
        _transport = transport;
        Name = name ?? UriScheme;
        Port = port;
        _targetPort = targetPort;
        IsExternal = isExternal ?? false;
        IsProxied = isProxied ?? true;
    }

    /// <summary>TCP or UDP.</summary>
    public ProtocolType Protocol { get; set; }

    /// <summary>The scheme of its address.</summary>
    public string UriScheme { get; set; }

    /// <summary>Its name, unique in the resource.</summary>
    public string Name { get; set; }

    /// <summary>What is spoken there.</summary>
    public string Transport
    {
        get => _transport ?? (IsHttp ? "http" : UriScheme);
        set => _transport = value;
    }

    /// <summary>The port others connect to; null for a free one.</summary>
    public int? Port { get; set; }

    /// <summary>The port the resource would listen on in a container.</summary>
    public int? TargetPort
    {
        get => _targetPort ?? Port;
        set => _targetPort = value;
    }

    /// <summary>The host name in its address; by default <c>localhost</c>.</summary>
    public string TargetHost { get; set; } = "localhost";

    /// <summary>Whether it is meant for others than the application's own resources.</summary>
    public bool IsExternal { get; set; }

    /// <summary>Kept for the interface: LocalHosting has no proxy.</summary>
    public bool IsProxied { get; set; }

    /// <summary>Where it is; with several processes, where the first one is. Null until the application starts.</summary>
    public AllocatedEndpoint? AllocatedEndpoint { get; set; }

    /// <summary>Where it is in each process of the resource.</summary>
    internal IReadOnlyList<AllocatedEndpoint> Instances { get; private set; } = [];

    internal bool IsHttp => UriScheme is "http" or "https";

    internal void Allocate(IReadOnlyList<int> ports)
    {
        Instances = [.. ports.Select(port => new AllocatedEndpoint(this, TargetHost, port))];
        AllocatedEndpoint = Instances[0];
    }
}

/// <summary>Where an endpoint is.</summary>
/// <param name="endpoint">The endpoint.</param>
/// <param name="address">Host name or address.</param>
/// <param name="port">Port.</param>
/// <param name="targetPortExpression">Kept for the interface.</param>
public class AllocatedEndpoint(EndpointAnnotation endpoint, string address, int port, string? targetPortExpression = null)
{
    /// <summary>The endpoint.</summary>
    public EndpointAnnotation Endpoint { get; } = endpoint;

    /// <summary>Host name or address.</summary>
    public string Address { get; } = address;

    /// <summary>Port.</summary>
    public int Port { get; } = port;

    /// <summary>Kept for the interface.</summary>
    public string? TargetPortExpression { get; } = targetPortExpression;

    /// <summary>The scheme of its address.</summary>
    public string UriScheme => Endpoint.UriScheme;

    /// <summary>Host and port.</summary>
    public string EndPointString => $"{Address}:{Port}";

    /// <summary>The whole address.</summary>
    public string UriString => $"{UriScheme}://{EndPointString}";

    /// <inheritdoc/>
    public override string ToString() => UriString;
}
