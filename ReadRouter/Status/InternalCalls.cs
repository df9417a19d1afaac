using System.Net.Sockets;
using System.Text.Json;
using Floodgate.ReadRouter.Forwarding;

namespace Floodgate.ReadRouter.Status;

/// <summary>The router's own questions to the services, each within a second unless it is given more.</summary>
internal sealed class InternalCalls(ServiceInstances instances, ServiceClient client, TimeProvider time, ILogger<InternalCalls> logger)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>Asks every instance of a service; null stands for one that does not answer.</summary>
    public async Task<JsonElement?[]> GetAllAsync(string service, string path, CancellationToken cancellationToken) =>
        await Task.WhenAll(instances.All(service).Select(instance => GetAsync(service, instance, path, Limit, cancellationToken)));

    /// <summary>Asks one instance of a service; null where it does not answer within the limit.</summary>
    public async Task<JsonElement?> GetAnyAsync(string service, string path, TimeSpan limit, CancellationToken cancellationToken) =>
        instances.Pick(service, except: null) is { } instance ? await GetAsync(service, instance, path, limit, cancellationToken) : null;

    private async Task<JsonElement?> GetAsync(string service, ServiceInstance instance, string path, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(limit, time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, instance.Address + path);
        try
        {
            using var response = await client.Invoker.SendAsync(request, patience.Token);
            response.EnsureSuccessStatusCode();
            await using var body = await response.Content.ReadAsStreamAsync(patience.Token);
            using var json = await JsonDocument.ParseAsync(body, cancellationToken: patience.Token);
            return json.RootElement.Clone();
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException or JsonException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            logger.StatusMissing(service, instance.Address, exception.Message);
            return null;
        }
    }
}
