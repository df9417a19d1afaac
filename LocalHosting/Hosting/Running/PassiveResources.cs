using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>Tells how those resources are that are no processes: parameters, connection strings, databases in a server.</summary>
internal sealed class PassiveResources(
    DistributedApplicationModel model,
    ResourceNotificationService notifications,
    IDistributedApplicationEventing eventing,
    ResourceLoggerService loggers,
    TimeProvider time)
{
    public async Task PublishAsync(CancellationToken cancellationToken)
    {
        foreach (var resource in model.Resources)
        {
            if (resource.HasAnnotationOfType<WorkloadAnnotation>())
                continue;
            switch (resource)
            {
                case ParameterResource parameter:
                    await PublishParameterAsync(parameter, cancellationToken);
                    break;
                case IResourceWithParent child:
                    await FollowParentAsync(child);
                    break;
                default:
                    await SetAsync(resource, "ConnectionString", KnownResourceStates.Active);
                    break;
            }
        }
    }

    private async Task PublishParameterAsync(ParameterResource parameter, CancellationToken cancellationToken)
    {
        var state = KnownResourceStates.Active;
        try
        {
            await parameter.GetValueAsync(cancellationToken);
        }
        catch (MissingParameterValueException exception)
        {
            loggers.Write(parameter.Name, exception.Message, LogLevel.Error);
            state = KnownResourceStates.ValueMissing;
        }

        await SetAsync(parameter, "Parameter", state);
    }

    /// <summary>A database runs from the moment its server is ready, as the server then has made it.</summary>
    private async Task FollowParentAsync(IResourceWithParent child)
    {
        var type = child.GetType().Name;
        await SetAsync(child, type, KnownResourceStates.Waiting);
        _ = Task.Run(() => WaitWhileParentIsAwayAsync(child, type), CancellationToken.None);
        eventing.Subscribe<ResourceReadyEvent>(child.Parent, async (ready, token) =>
        {
            await SetAsync(child, type, KnownResourceStates.Running);
            await eventing.PublishAsync(new ResourceReadyEvent(child, ready.Services), token);
        });
    }

    private async Task WaitWhileParentIsAwayAsync(IResourceWithParent child, string type)
    {
        try
        {
            await foreach (var change in notifications.WatchAsync())
            {
                var isAway = change.Resource == child.Parent && change.Snapshot.State?.Text != KnownResourceStates.Running;
                if (isAway && notifications.TryGetCurrentState(child.Name, out var now) && now.Snapshot.State?.Text == KnownResourceStates.Running)
                    await SetAsync(child, type, KnownResourceStates.Waiting);
            }
        }
        catch (OperationCanceledException)
        {
            // The application has stopped.
        }
    }

    private Task SetAsync(IResource resource, string type, string state) => notifications.PublishUpdateAsync(resource, snapshot => snapshot with
    {
        ResourceType = type,
        State = state,
        CreationTimeStamp = snapshot.CreationTimeStamp ?? time.GetUtcNow().UtcDateTime,
    });
}
