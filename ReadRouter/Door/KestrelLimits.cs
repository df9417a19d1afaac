using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Floodgate.ReadRouter.Door;

/// <summary>Has the server keep the limits of size, time and number before a request reaches the application.</summary>
internal sealed class KestrelLimits(IOptions<DoorOptions> options, ConnectionLimit connections) : IConfigureOptions<KestrelServerOptions>
{
    // As long as the server's own, so that a slow start of a connection is forgiven.
    private static readonly TimeSpan BodyGrace = TimeSpan.FromSeconds(5);

    public void Configure(KestrelServerOptions kestrel)
    {
        var door = options.Value;
        var limits = kestrel.Limits;
        kestrel.AddServerHeader = false;
        limits.MaxConcurrentConnections = OrNone(door.Connections);
        limits.MaxConcurrentUpgradedConnections = 0;
        limits.MaxRequestBodySize = door.BodyLimit;
        limits.MaxRequestBufferSize = door.RequestBufferSize;
        limits.MaxRequestLineSize = door.RequestLineSize;
        limits.MaxRequestHeadersTotalSize = door.HeadersSize;
        limits.MaxRequestHeaderCount = door.HeaderCount;
        limits.RequestHeadersTimeout = door.HeadersTimeout;
        limits.KeepAliveTimeout = door.KeepAliveTimeout;
        limits.MinRequestBodyDataRate = door.MinimumBodyRate == 0 ? null : new MinDataRate(door.MinimumBodyRate, BodyGrace);
        limits.Http2.MaxStreamsPerConnection = door.StreamsPerConnection;
        limits.Http2.MaxRequestHeaderFieldSize = door.HeadersSize;
        kestrel.ConfigureEndpointDefaults(listen => listen.Use(next => connection => connections.HandleAsync(connection, next)));
    }

    private static long? OrNone(int limit) => limit == 0 ? null : limit;
}
