using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>
/// The endpoints of services by name, out of configuration. <c>http://_admin.timeline</c> names the endpoint <c>admin</c> of <c>timeline</c>;
/// otherwise <c>default</c> and then the scheme is the endpoint's name.
/// </summary>
internal sealed class ConfiguredEndpoints : IDisposable
{
    private readonly IConfiguration _configuration;
    private readonly ConcurrentDictionary<(string Scheme, string Host), Endpoints> _known = new();
    private readonly IDisposable _subscription;

    public ConfiguredEndpoints(IConfiguration configuration)
    {
        _configuration = configuration;
        _subscription = ChangeToken.OnChange(configuration.GetReloadToken, _known.Clear);
    }

    /// <summary>Where to send a request for <paramref name="uri"/>: an endpoint of the service, or the same host if it is no known service.</summary>
    /// <param name="uri">The address as the caller wrote it.</param>
    /// <returns>An address with a scheme that can be sent to.</returns>
    public Uri Resolve(Uri uri)
    {
        // Hosts are names of services only without a dot or when configured, and those are few: the cache stays small.
        var endpoints = _known.TryGetValue((uri.Scheme, uri.Host), out var known)
            ? known
            : Read(uri.Scheme.Split('+'), uri.Host);
        if (known is null && endpoints.Addresses.Length > 0)
            _known.TryAdd((uri.Scheme, uri.Host), endpoints);

        if (endpoints.Next() is { } address)
            return new UriBuilder(uri) { Scheme = address.Scheme, Host = address.Host, Port = address.Port }.Uri;

        var plus = uri.Scheme.IndexOf('+', StringComparison.Ordinal);
        if (plus < 0)
            return uri;
        var scheme = uri.Scheme[..plus];
        return new UriBuilder(uri) { Scheme = scheme, Port = uri.Port }.Uri;
    }

    public void Dispose() => _subscription.Dispose();

    private Endpoints Read(string[] schemes, string host)
    {
        string? endpoint = null;
        if (host.StartsWith('_') && host.IndexOf('.', StringComparison.Ordinal) is var dot and > 1)
        {
            endpoint = host[1..dot];
            host = host[(dot + 1)..];
        }

        var service = _configuration.GetSection("services").GetSection(host);
        string[] candidates = endpoint is null ? ["default", .. schemes] : [endpoint];
        foreach (var candidate in candidates)
        {
            var section = service.GetSection(candidate);
            if (!section.Exists())
                continue;

            var values = section.Value is { Length: > 0 } single ? [single] : section.GetChildren().Select(child => child.Value);
            return new Endpoints([.. values.Select(value => Parse(value, schemes, section.Path))]);
        }

        return new Endpoints([]);
    }

    private static Uri Parse(string? value, string[] schemes, string path)
    {
        var text = value is not null && value.Contains("://", StringComparison.Ordinal) ? value : $"{schemes[0]}://{value}";
        return Uri.TryCreate(text, UriKind.Absolute, out var uri)
            ? uri
            : throw new InvalidOperationException($"'{path}' in configuration holds '{value}', which is no address.");
    }

    /// <summary>The endpoints of one service, taken in turn.</summary>
    private sealed class Endpoints(Uri[] addresses)
    {
        private int _turn = -1;

        public Uri[] Addresses { get; } = addresses;

        public Uri? Next() => Addresses.Length == 0 ? null : Addresses[(uint)Interlocked.Increment(ref _turn) % (uint)Addresses.Length];
    }
}
