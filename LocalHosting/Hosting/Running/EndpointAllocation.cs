using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Processes;

namespace Aspire.Hosting.Running;

/// <summary>Decides where every endpoint is, before anything starts.</summary>
internal sealed class EndpointAllocation(PortPool ports, bool randomize, TimeProvider time)
{
    // A process of an AppHost that was just killed may still hold its port.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    public async Task AllocateAsync(IEnumerable<IResource> resources, CancellationToken cancellationToken)
    {
        foreach (var resource in resources)
        {
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
                endpoint.Allocate(await PortsAsync(resource, endpoint, cancellationToken));
        }
    }

    private async Task<int[]> PortsAsync(IResource resource, EndpointAnnotation endpoint, CancellationToken cancellationToken)
    {
        var count = resource.GetReplicaCount();
        if (randomize || endpoint.Port is not { } wanted)
            return [.. Enumerable.Range(0, count).Select(_ => ports.Take())];

        if (count > 1)
        {
            throw new DistributedApplicationException(
                $"Endpoint '{endpoint.Name}' of resource '{resource.Name}' asks for port {wanted}, but the resource has {count} processes. Leave the port out.");
        }

        var began = time.GetTimestamp();
        while (!ports.TryHold(wanted))
        {
            if (time.GetElapsedTime(began) > Patience)
            {
                throw new DistributedApplicationException(
                    $"Port {wanted}, which endpoint '{endpoint.Name}' of resource '{resource.Name}' asks for, is taken by another program. "
                    + $"End that one ('ss -ltnp sport = :{wanted}' shows it), or start with --DcpPublisher:RandomizePorts=true for free ports.");
            }

            await Task.Delay(Interval, time, cancellationToken);
        }

        return [wanted];
    }
}
