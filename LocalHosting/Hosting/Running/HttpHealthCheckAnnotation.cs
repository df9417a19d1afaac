using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

/// <summary>A process is well if a path of it answers as expected.</summary>
internal sealed class HttpHealthCheckAnnotation(string key, Func<EndpointReference> endpoint, string path, int statusCode) : IResourceAnnotation
{
    public string Key { get; } = key;

    public async Task CheckAsync(HttpClient http, ResourceInstance instance, CancellationToken cancellationToken)
    {
        var allocated = endpoint().EndpointAnnotation.Instances[instance.Index];
        using var answer = await http.GetAsync(
            new Uri(new Uri(allocated.UriString), path), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if ((int)answer.StatusCode != statusCode)
        {
            throw new DistributedApplicationException(string.Create(
                CultureInfo.InvariantCulture, $"{path} answered {(int)answer.StatusCode} instead of {statusCode}."));
        }
    }
}
