using System.Diagnostics;
using System.Net;
using System.Text;
using Yarp.ReverseProxy.Forwarder;

namespace Floodgate.ReadRouter.Forwarding;

/// <summary>The connections to the services, and what they have in common.</summary>
internal sealed class ServiceClient : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    public HttpMessageInvoker Invoker { get; } = new(
        new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = ConnectTimeout,

            // Kestrel reads header values as UTF-8; they go on as they came (a city's name from a CDN), not refused.
            RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
            ResponseHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
            ActivityHeadersPropagator = DistributedContextPropagator.CreateW3CPropagator(),
        },
        disposeHandler: true);

    /// <summary>How YARP sends: the services speak HTTP/1.1 without TLS.</summary>
    /// <param name="timeout">How long a request may go without progress.</param>
    public static ForwarderRequestConfig ConfigFor(TimeSpan timeout) => new()
    {
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        ActivityTimeout = timeout,
    };

    public void Dispose() => Invoker.Dispose();
}
