using System.Security.Cryptography;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Floodgate.Bench.Consistency.Disturbing;
using Floodgate.Bench.Consistency.Load;
using Floodgate.Bench.Gateway;

namespace Floodgate.Bench.Consistency;

/// <summary>The whole system as the AppHost describes it, with one more router for each policy.</summary>
internal sealed class ConsistencySystem : IAsyncDisposable
{
    private const string Router = "router";
    private const string PolicyVariable = "Floodgate__Router__Policy";
    private const string CanaryVariable = "Floodgate__Canary__Enabled";

    private readonly StartedSystem _system;

    private ConsistencySystem(StartedSystem system, string tokenKey, IReadOnlyList<string> policies)
    {
        _system = system;
        TokenKey = tokenKey;
        Cluster = new StartedCluster(system);
        Doors = [.. policies.Select(policy => new Door(policy, system.Endpoint(NameOf(policy))))];
    }

    /// <summary>The key that the routers check bearer tokens with.</summary>
    public string TokenKey { get; }

    /// <summary>The PostgreSQL nodes.</summary>
    public StartedCluster Cluster { get; }

    /// <summary>A door for each policy.</summary>
    public IReadOnlyList<Door> Doors { get; }

    /// <summary>The router that the AppHost describes.</summary>
    public Uri Gateway => _system.Gateway;

    /// <summary>TimelineService, its first process.</summary>
    public Uri Timeline => _system.Endpoint("timeline");

    /// <summary>Starts it.</summary>
    public static async Task<ConsistencySystem> StartAsync(ConsistencyOptions options, TimeProvider time, CancellationToken cancellation)
    {
        var tokenKey = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
        var system = await StartedSystem.StartAsync(
            [$"--Parameters:token-key={tokenKey}"],
            builder => AddRouters(builder, options.Policies),
            [Router, "counter", "flush", .. options.Policies.Select(NameOf)],
            time,
            cancellation);
        return new ConsistencySystem(system, tokenKey, options.Policies);
    }

    /// <summary>Kills the primary with SIGKILL and keeps it from being started again.</summary>
    public async Task TakePrimaryAwayAsync(CancellationToken cancellation)
    {
        await _system.KillAsync(Cluster.Primary, lastKilled: null, cancellation);
        await _system.CommandAsync(Cluster.Primary, KnownResourceCommands.StopCommand, cancellation);
    }

    /// <summary>Starts the primary and waits until it is healthy.</summary>
    public async Task BringPrimaryBackAsync(CancellationToken cancellation)
    {
        await _system.CommandAsync(Cluster.Primary, KnownResourceCommands.StartCommand, cancellation);
        await _system.HealthyAsync(Cluster.Primary, cancellation);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _system.DisposeAsync();

    // The same router with another name, another port and another policy. One canary is enough.
    private static void AddRouters(IDistributedApplicationBuilder builder, IReadOnlyList<string> policies)
    {
        var model = builder.Resources.OfType<ProjectResource>().Single(resource => resource.Name == Router);
        foreach (var policy in policies)
        {
            var router = builder.AddResource(new ProjectResource(NameOf(policy)));
            foreach (var annotation in model.Annotations.Where(annotation => annotation is IProjectMetadata or EnvironmentCallbackAnnotation or WaitAnnotation || IsHow(annotation)))
                router.WithAnnotation(annotation);
            router.WithHttpEndpoint().WithHttpHealthCheck("/health").WithEnvironment(PolicyVariable, policy).WithEnvironment(CanaryVariable, "false");
        }
    }

    // How the host runs a project is its own matter: all that is not about ports, health and the dashboard belongs to it.
    private static bool IsHow(IResourceAnnotation annotation) =>
        annotation.GetType().Name is "WorkloadAnnotation" or "ExcludeLaunchProfileAnnotation" or "ManifestPublishingCallbackAnnotation";

    private static string NameOf(string policy) => $"{Router}-{policy}";
}
