using Aspire.Hosting.Running;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Executes the commands of resources: start, stop, restart, and what the app model adds.</summary>
public class ResourceCommandService
{
    private readonly IServiceProvider _services;
    private readonly DistributedApplicationModel _model;

    internal ResourceCommandService(IServiceProvider services, DistributedApplicationModel model)
    {
        _services = services;
        _model = model;
    }

    /// <summary>Executes a command.</summary>
    /// <param name="resource">The resource; a command is executed for all its processes.</param>
    /// <param name="commandName">See <see cref="KnownResourceCommands"/>.</param>
    /// <param name="cancellationToken">Ends the patience.</param>
    /// <returns>Whether it worked, and why not.</returns>
    public Task<ExecuteCommandResult> ExecuteCommandAsync(IResource resource, string commandName, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return ExecuteCommandAsync(resource.Name, commandName, cancellationToken);
    }

    /// <summary>Executes a command.</summary>
    /// <param name="resourceId">A process, or a resource with all its processes.</param>
    /// <param name="commandName">See <see cref="KnownResourceCommands"/>.</param>
    /// <param name="cancellationToken">Ends the patience.</param>
    /// <returns>Whether it worked, and why not.</returns>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceId, string commandName, CancellationToken cancellationToken = default)
    {
        var runners = _services.GetRequiredService<LocalOrchestrator>().Find(resourceId);
        var resource = (runners.Count > 0 ? runners[0].Instance.Resource : null)
            ?? (_model.Resources.TryGetByName(resourceId, out var found) ? found : null);
        if (resource is null)
            return CommandResults.Failure($"There is no resource '{resourceId}'.");

        if (resource.Annotations.OfType<ResourceCommandAnnotation>().LastOrDefault(command => command.Name == commandName) is { } own)
            return await ExecuteAsync(own, resourceId, cancellationToken);
        if (runners.Count == 0)
            return CommandResults.Failure($"Resource '{resourceId}' has no process.");

        Func<InstanceRunner, Task>? action = commandName switch
        {
            _ when commandName == KnownResourceCommands.StartCommand => runner => runner.StartAsync(),
            _ when commandName == KnownResourceCommands.StopCommand => runner => runner.StopAsync(),
            _ when commandName == KnownResourceCommands.RestartCommand => runner => runner.RestartAsync(),
            _ => null,
        };
        if (action is null)
            return CommandResults.Failure($"Resource '{resourceId}' has no command '{commandName}'.");
        await Task.WhenAll(runners.Select(action)).WaitAsync(cancellationToken);
        return CommandResults.Success();
    }

    private async Task<ExecuteCommandResult> ExecuteAsync(ResourceCommandAnnotation command, string resourceId, CancellationToken cancellationToken)
    {
        try
        {
            return await command.ExecuteCommand(new ExecuteCommandContext
            {
                ServiceProvider = _services,
                ResourceName = resourceId,
                CancellationToken = cancellationToken,
            });
        }
#pragma warning disable CA1031 // Whatever the app model's command throws is its result.
        catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
        {
            return CommandResults.Failure(exception.Message);
        }
    }
}
