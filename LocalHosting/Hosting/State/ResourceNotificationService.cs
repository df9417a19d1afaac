using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Knows how every process of the application is, and tells who asks.</summary>
public class ResourceNotificationService : IDisposable
{
    // A reader that falls this far behind misses the oldest changes, never the newest.
    private const int MaxPendingEvents = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ResourceEvent> _states = new(ResourceNames.Comparer);
    private readonly ConcurrentDictionary<Channel<ResourceEvent>, byte> _readers = new();
    private readonly IHostApplicationLifetime _lifetime;

    internal ResourceNotificationService(IHostApplicationLifetime hostApplicationLifetime) => _lifetime = hostApplicationLifetime;

    /// <summary>Watches every change, beginning with how everything is now.</summary>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <returns>The changes.</returns>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _lifetime.ApplicationStopped);
        var channel = Channel.CreateBounded<ResourceEvent>(new BoundedChannelOptions(MaxPendingEvents)
        {
            FullMode = BoundedChannelFullMode.DropOldest,
            SingleReader = true,
        });
        lock (_gate)
        {
            foreach (var state in _states.Values)
                channel.Writer.TryWrite(state);
            _readers.TryAdd(channel, 0);
        }

        try
        {
            await foreach (var change in channel.Reader.ReadAllAsync(stopping.Token))
                yield return change;
        }
        finally
        {
            _readers.TryRemove(channel, out _);
        }
    }

    /// <summary>Gets how a process is now.</summary>
    /// <param name="resourceId">The process, or the name of a resource that has one process.</param>
    /// <param name="resourceEvent">How it is, if there is one.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        lock (_gate)
            return _states.TryGetValue(resourceId, out resourceEvent);
    }

    /// <summary>Changes how all processes of a resource are.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="stateFactory">Makes the new state from the old one.</param>
    /// <returns>Done when it is told.</returns>
    public async Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        ArgumentNullException.ThrowIfNull(resource);
        string[] ids;
        lock (_gate)
            ids = [.. _states.Values.Where(state => state.Resource == resource).Select(state => state.ResourceId)];
        foreach (var id in ids.DefaultIfEmpty(resource.Name))
            await PublishUpdateAsync(resource, id, stateFactory);
    }

    /// <summary>Changes how one process of a resource is.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="resourceId">The process.</param>
    /// <param name="stateFactory">Makes the new state from the old one.</param>
    /// <returns>Done when it is told.</returns>
    public Task PublishUpdateAsync(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        ArgumentNullException.ThrowIfNull(stateFactory);
        lock (_gate)
        {
            var old = _states.TryGetValue(resourceId, out var current)
                ? current.Snapshot
                : new CustomResourceSnapshot { ResourceType = resource.GetType().Name, Properties = [] };
            var change = new ResourceEvent(resource, resourceId, stateFactory(old));
            _states[resourceId] = change;
            foreach (var reader in _readers.Keys)
                reader.Writer.TryWrite(change);
        }

        return Task.CompletedTask;
    }

    /// <summary>Waits for a state.</summary>
    /// <param name="resourceName">The resource, or one of its processes.</param>
    /// <param name="targetState">The state; by default <see cref="KnownResourceStates.Running"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Done when one of its processes is in that state.</returns>
    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, [targetState ?? KnownResourceStates.Running], cancellationToken);

    /// <summary>Waits for one of several states.</summary>
    /// <param name="resourceName">The resource, or one of its processes.</param>
    /// <param name="targetStates">The states.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The state that was reached.</returns>
    public async Task<string> WaitForResourceAsync(
        string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        var states = targetStates.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var reached = await WaitForResourceAsync(
            resourceName, change => change.Snapshot.State is { } state && states.Contains(state.Text), cancellationToken);
        return reached.Snapshot.State!.Text;
    }

    /// <summary>Waits until a process of a resource fulfils a condition.</summary>
    /// <param name="resourceName">The resource, or one of its processes.</param>
    /// <param name="predicate">The condition.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How it is then.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended, or the application stopped.</exception>
    public async Task<ResourceEvent> WaitForResourceAsync(
        string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        await foreach (var change in WatchAsync(cancellationToken))
        {
            if (Concerns(change, resourceName) && predicate(change))
                return change;
        }

        throw new OperationCanceledException($"The application stopped before resource '{resourceName}' met the condition.");
    }

    /// <summary>Waits until all processes of a resource run and are healthy.</summary>
    /// <param name="resourceName">The resource, or one of its processes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How the last of them is then.</returns>
    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceHealthyAsync(resourceName, WaitBehavior.WaitOnResourceUnavailable, cancellationToken);

    /// <summary>Waits until all processes of a resource run and are healthy.</summary>
    /// <param name="resourceName">The resource, or one of its processes.</param>
    /// <param name="waitBehavior">Whether a process that could not be started ends the wait with an exception.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How the last of them is then.</returns>
    /// <exception cref="DistributedApplicationException">A process could not be started.</exception>
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(
        string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default)
    {
        return await WaitForResourceAsync(
            resourceName,
            change =>
            {
                if (waitBehavior == WaitBehavior.StopOnResourceUnavailable && change.Snapshot.State?.Text == KnownResourceStates.FailedToStart)
                    throw new DistributedApplicationException($"Resource '{change.ResourceId}' could not be started: {change.Snapshot.Property(KnownProperties.Problem)}");
                return All(resourceName, snapshot => snapshot.HealthStatus == HealthStatus.Healthy);
            },
            cancellationToken);
    }

    /// <summary>Waits until everything that a resource waits for is there.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Done when it may start.</returns>
    public async Task WaitForDependenciesAsync(IResource resource, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(resource);
        foreach (var wait in resource.Annotations.OfType<WaitAnnotation>().ToArray())
            await WaitForResourceAsync(wait.Resource.Name, _ => IsMet(wait), cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var reader in _readers.Keys)
            reader.Writer.TryComplete();
        GC.SuppressFinalize(this);
    }

    internal bool IsMet(WaitAnnotation wait) => All(wait.Resource.Name, snapshot => wait.WaitType switch
    {
        WaitType.WaitForCompletion => snapshot.State?.Text is { } state && KnownResourceStates.TerminalStates.Contains(state, StringComparer.Ordinal) && snapshot.ExitCode == wait.ExitCode,
        WaitType.WaitUntilStarted => snapshot.State?.Text == KnownResourceStates.Running || snapshot.State?.Text == KnownResourceStates.Active,
        _ => snapshot.HealthStatus == HealthStatus.Healthy || snapshot.State?.Text == KnownResourceStates.Active,
    });

    private bool All(string resourceName, Func<CustomResourceSnapshot, bool> condition)
    {
        lock (_gate)
        {
            var concerned = _states.Values.Where(state => Concerns(state, resourceName)).ToArray();
            return concerned.Length > 0 && concerned.All(state => condition(state.Snapshot));
        }
    }

    private static bool Concerns(ResourceEvent change, string resourceName) =>
        ResourceNames.Comparer.Equals(change.Resource.Name, resourceName) || ResourceNames.Comparer.Equals(change.ResourceId, resourceName);
}
