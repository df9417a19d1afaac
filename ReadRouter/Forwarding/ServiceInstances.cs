using System.Collections.Concurrent;
using Microsoft.Extensions.Primitives;

namespace Floodgate.ReadRouter.Forwarding;

/// <summary>
/// The processes of each service, out of configuration (<c>services:{name}:http:{i}</c>, as Aspire sets it). Unlike name resolution in an
/// HTTP client it sees how busy each is.
/// </summary>
internal sealed class ServiceInstances : IDisposable
{
    private readonly IConfiguration _configuration;
    private readonly Random _random;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, ServiceInstance[]> _byService = new(StringComparer.Ordinal);
    private readonly IDisposable _subscription;

    public ServiceInstances(IConfiguration configuration, Random random, TimeProvider time)
    {
        (_configuration, _random, _time) = (configuration, random, time);
        _subscription = ChangeToken.OnChange(configuration.GetReloadToken, _byService.Clear);
    }

    /// <summary>All instances of a service; none where it is not configured.</summary>
    public IReadOnlyList<ServiceInstance> All(string service) => _byService.GetOrAdd(service, Read);

    /// <summary>The instance with the least requests under way, leaving out those that failed lately as long as there is another.</summary>
    /// <param name="service">The service.</param>
    /// <param name="except">An instance that just failed this request; taken only where it is the only one.</param>
    /// <param name="streams">Whether it is for a stream: then the one with the least of those.</param>
    public ServiceInstance? Pick(string service, ServiceInstance? except, bool streams = false)
    {
        var instances = _byService.GetOrAdd(service, Read);
        ServiceInstance? best = null;
        var bestLoad = (Penalty: int.MaxValue, InFlight: int.MaxValue);
        var offset = instances.Length > 1 ? _random.Next(instances.Length) : 0;
        for (var i = 0; i < instances.Length; i++)
        {
            var instance = instances[(i + offset) % instances.Length];
            var load = (Penalty: instance == except ? 2 : instance.FailedLately ? 1 : 0, InFlight: streams ? instance.Streams : instance.InFlight);
            if (load.CompareTo(bestLoad) < 0)
                (best, bestLoad) = (instance, load);
        }

        return best;
    }

    public void Dispose() => _subscription.Dispose();

    private ServiceInstance[] Read(string service)
    {
        var section = _configuration.GetSection("services").GetSection(service);
        var addresses = Addresses(section, "http");
        return [.. (addresses.Length > 0 ? addresses : Addresses(section, "https")).Select(address => new ServiceInstance(address, _time))];
    }

    private static string[] Addresses(IConfigurationSection service, string scheme) =>
        [.. service.GetSection(scheme).GetChildren().Select(child => child.Value?.TrimEnd('/')).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase)];
}
