using System.ComponentModel.DataAnnotations;

namespace Floodgate.ReadRouter.Door;

/// <summary>
/// What the public door lets in: how many connections, how large and how slow a request, how many of them from one caller, and whose word
/// about a caller's address is taken. Bound from the section <c>Floodgate:Door</c>.
/// </summary>
public sealed class DoorOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Floodgate:Door";

    /// <summary>How many connections may be open at once; more are closed at once. Default 20,000; 0 to 1,000,000, 0 for no limit.</summary>
    [Range(0, 1_000_000)]
    public int Connections { get; set; } = 20_000;

    /// <summary>
    /// How many connections one address (of IPv6, one /64) may have open at once; more are closed at once. Loopback and known proxies are
    /// exempt, as others stand behind them. Default 500; 0 to 1,000,000, 0 for no limit.
    /// </summary>
    [Range(0, 1_000_000)]
    public int ConnectionsPerAddress { get; set; } = 500;

    /// <summary>How many requests one HTTP/2 connection may have under way. Default 100; 1 to 1,000.</summary>
    [Range(1, 1000)]
    public int StreamsPerConnection { get; set; } = 100;

    /// <summary>How long a connection may idle between requests. Default 2 minutes; 1 s to 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a caller may take to send the request line and all headers. Default 10 s; 1 s to 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan HeadersTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How fast a body must come after its first 5 s, in bytes a second. Default 240; 0 to 1,000,000, 0 for as slow as it likes.</summary>
    [Range(0, 1_000_000)]
    public int MinimumBodyRate { get; set; } = 240;

    /// <summary>
    /// How long a request line may be, in bytes: 500 keys of 200 characters are one. Default 131,072; 1,024 to 1 MiB. Must not exceed
    /// <see cref="RequestBufferSize"/>.
    /// </summary>
    [Range(1024, 1024 * 1024)]
    public int RequestLineSize { get; set; } = 128 * 1024;

    /// <summary>How large all headers of a request may be together, in bytes. Default 32,768; 4,096 to 1 MiB. Must not exceed <see cref="RequestBufferSize"/>.</summary>
    [Range(4096, 1024 * 1024)]
    public int HeadersSize { get; set; } = 32 * 1024;

    /// <summary>How many headers a request may have. Default 100; 10 to 1,000.</summary>
    [Range(10, 1000)]
    public int HeaderCount { get; set; } = 100;

    /// <summary>How much of a connection's input is held in memory before it must wait, in bytes. Default 1 MiB; 65,536 to 16 MiB.</summary>
    [Range(64 * 1024, 16 * 1024 * 1024)]
    public int RequestBufferSize { get; set; } = 1024 * 1024;

    /// <summary>How large a request's body may be, in bytes. Default 65,536; 1,024 to 16 MiB.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int BodyLimit { get; set; } = 64 * 1024;

    /// <summary>How many requests may be under way at once; more get 503 at once. Default 10,000; 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int ConcurrentRequests { get; set; } = 10_000;

    /// <summary>
    /// How many streams (<c>GET /timeline/stream</c>) may be open at once; more get 503 at once. They do not count as
    /// <see cref="ConcurrentRequests"/>. Default 10,000; 1 to 1,000,000. Must be below <see cref="Connections"/>.
    /// </summary>
    [Range(1, 1_000_000)]
    public int ConcurrentStreams { get; set; } = 10_000;

    /// <summary>How long a request that the router answers itself (<c>/status</c>) may take. Default 10 s; 100 ms to 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan EndpointTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many reads a second a user may make. Default 1,000; 0 to 1,000,000, 0 for no limit.</summary>
    [Range(0, 1_000_000)]
    public int UserReadsPerSecond { get; set; } = 1000;

    /// <summary>How many writes a second a user may make. Default 500; 0 to 1,000,000, 0 for no limit.</summary>
    [Range(0, 1_000_000)]
    public int UserWritesPerSecond { get; set; } = 500;

    /// <summary>How many reads a second all callers without a token at one address may make. Default 5,000; 0 to 1,000,000, 0 for no limit.</summary>
    [Range(0, 1_000_000)]
    public int AddressReadsPerSecond { get; set; } = 5000;

    /// <summary>How many writes a second all callers without a token at one address may make. Default 2,000; 0 to 1,000,000, 0 for no limit.</summary>
    [Range(0, 1_000_000)]
    public int AddressWritesPerSecond { get; set; } = 2000;

    /// <summary>How many seconds' worth of each of these rates may come at once. Default 2; 1 to 60.</summary>
    [Range(1, 60)]
    public int BurstSeconds { get; set; } = 2;

    /// <summary>
    /// How many bearer tokens that are not valid an address may show in a second; after that no token from there is looked at until the second
    /// is over. Default 100; 0 to 1,000,000, 0 for no limit.
    /// </summary>
    [Range(0, 1_000_000)]
    public int FailedAuthenticationsPerSecond { get; set; } = 100;

    /// <summary>
    /// In how many counts the addresses are kept. Addresses are spread over them by a secret hash, so however many there are, memory is
    /// bounded; two that meet share their rates. Default 65,536; 1 to 1,048,576.
    /// </summary>
    [Range(1, 1024 * 1024)]
    public int AddressSlots { get; set; } = 64 * 1024;

    /// <summary>The addresses of proxies whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are believed. Default: none.</summary>
    public IList<string> KnownProxies { get; } = [];

    /// <summary>The networks of such proxies, as <c>10.0.0.0/8</c>. Default: none.</summary>
    public IList<string> KnownNetworks { get; } = [];

    /// <summary>How many proxies a request may come through, so how many entries of <c>X-Forwarded-For</c> are read. Default 1; 1 to 100.</summary>
    [Range(1, 100)]
    public int ForwardLimit { get; set; } = 1;
}
