using Aspire.Hosting;
using Aspire.Hosting.Testing;

namespace Floodgate.Bench.Gateway;

/// <summary>The whole system, started by the bench from the AppHost's own description, without data and on free ports.</summary>
internal sealed class StartedSystem : IAsyncDisposable
{
    private const string Router = "router";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly IDistributedApplicationTestingBuilder _builder;
    private readonly DistributedApplication _app;

    private StartedSystem(IDistributedApplicationTestingBuilder builder, DistributedApplication app) => (_builder, _app) = (builder, app);

    /// <summary>Where its gateway listens.</summary>
    public Uri Gateway => _app.GetEndpoint(Router, "http");

    /// <summary>Starts it and waits until the gateway is healthy.</summary>
    /// <exception cref="OperationCanceledException">It was not healthy within 3 minutes.</exception>
    public static async Task<StartedSystem> StartAsync(TimeProvider time, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        // Development, as the bench loads and compares through the development calls.
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(["--environment", "Development"], both.Token);
        var system = new StartedSystem(builder, await builder.BuildAsync(both.Token));
        try
        {
            await system._app.StartAsync(both.Token);
            await system._app.ResourceNotifications.WaitForResourceHealthyAsync(Router, both.Token);
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _builder.DisposeAsync();
    }
}
