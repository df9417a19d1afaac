using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Eventing;

/// <summary>Something that happens to the application.</summary>
public interface IDistributedApplicationEvent;

/// <summary>Something that happens to a resource.</summary>
public interface IDistributedApplicationResourceEvent : IDistributedApplicationEvent
{
    /// <summary>The resource.</summary>
    IResource Resource { get; }

    /// <summary>The application's services.</summary>
    IServiceProvider Services { get; }
}

/// <summary>Tells what happens.</summary>
public interface IDistributedApplicationEventing
{
    /// <summary>Asks to be told.</summary>
    /// <typeparam name="T">What to be told of.</typeparam>
    /// <param name="callback">Is told, and is waited for.</param>
    /// <returns>For <see cref="Unsubscribe"/>.</returns>
    DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationEvent;

    /// <summary>Asks to be told of one resource.</summary>
    /// <typeparam name="T">What to be told of.</typeparam>
    /// <param name="resource">The resource.</param>
    /// <param name="callback">Is told, and is waited for.</param>
    /// <returns>For <see cref="Unsubscribe"/>.</returns>
    DistributedApplicationEventSubscription Subscribe<T>(IResource resource, Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationResourceEvent;

    /// <summary>Asks to be told no more.</summary>
    /// <param name="subscription">What was asked.</param>
    void Unsubscribe(DistributedApplicationEventSubscription subscription);

    /// <summary>Tells, one after the other.</summary>
    /// <typeparam name="T">What happens.</typeparam>
    /// <param name="event">What happens.</param>
    /// <param name="cancellationToken">Ends the telling.</param>
    /// <returns>Done when all are told.</returns>
#pragma warning disable CA1716 // Aspire's name.
    Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default)
        where T : IDistributedApplicationEvent;
#pragma warning restore CA1716
}

/// <summary>That somebody asked to be told.</summary>
/// <param name="callback">Is told.</param>
public class DistributedApplicationEventSubscription(Func<IDistributedApplicationEvent, CancellationToken, Task> callback)
{
    /// <summary>Is told.</summary>
    public Func<IDistributedApplicationEvent, CancellationToken, Task> Callback { get; } = callback;
}

/// <inheritdoc/>
public class DistributedApplicationEventing : IDistributedApplicationEventing
{
    private readonly Lock _gate = new();
    private readonly List<(Type Type, DistributedApplicationEventSubscription Subscription)> _subscriptions = [];

    /// <inheritdoc/>
    public DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationEvent
    {
        ArgumentNullException.ThrowIfNull(callback);
        var subscription = new DistributedApplicationEventSubscription((happening, token) => callback((T)happening, token));
        lock (_gate)
            _subscriptions.Add((typeof(T), subscription));
        return subscription;
    }

    /// <inheritdoc/>
    public DistributedApplicationEventSubscription Subscribe<T>(IResource resource, Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationResourceEvent =>
        Subscribe<T>((happening, token) => happening.Resource == resource ? callback(happening, token) : Task.CompletedTask);

    /// <inheritdoc/>
    public void Unsubscribe(DistributedApplicationEventSubscription subscription)
    {
        lock (_gate)
            _subscriptions.RemoveAll(s => s.Subscription == subscription);
    }

    /// <inheritdoc/>
    public async Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default)
        where T : IDistributedApplicationEvent
    {
        DistributedApplicationEventSubscription[] told;
        lock (_gate)
            told = [.. _subscriptions.Where(s => s.Type == typeof(T)).Select(s => s.Subscription)];
        foreach (var subscription in told)
            await subscription.Callback(@event, cancellationToken);
    }
}
