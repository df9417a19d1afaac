using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>An application of several resources.</summary>
/// <param name="host">What runs it.</param>
public class DistributedApplication(IHost host) : IHost, IAsyncDisposable
{
    /// <summary>How the resources are.</summary>
    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();

    /// <summary>Starts, ends and restarts resources.</summary>
    public ResourceCommandService ResourceCommands => Services.GetRequiredService<ResourceCommandService>();

    /// <summary>The application host's services.</summary>
    public IServiceProvider Services => host.Services;

    /// <summary>Begins a description.</summary>
    /// <returns>The description.</returns>
    public static IDistributedApplicationBuilder CreateBuilder() => CreateBuilder([]);

    /// <summary>Begins a description.</summary>
    /// <param name="args">The command line. <c>--ephemeral</c> throws all data away at the end.</param>
    /// <returns>The description.</returns>
    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => new DistributedApplicationBuilder(args);

    /// <summary>Begins a description.</summary>
    /// <param name="options">How it is to be.</param>
    /// <returns>The description.</returns>
    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options) => new DistributedApplicationBuilder(options);

    /// <summary>Starts the application. Its resources may not run yet when this is done.</summary>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <returns>Done when the resources are on their way.</returns>
    /// <exception cref="DistributedApplicationException">It cannot start; the message says why.</exception>
    public virtual async Task StartAsync(CancellationToken cancellationToken = default)
    {
        var model = Services.GetRequiredService<DistributedApplicationModel>();
        await Services.GetRequiredService<IDistributedApplicationEventing>().PublishAsync(new BeforeStartEvent(Services, model), cancellationToken);
        await host.StartAsync(cancellationToken);
    }

    /// <summary>Stops the application: all its processes have ended when this is done.</summary>
    /// <param name="cancellationToken">Ends the patience.</param>
    /// <returns>Done when it is stopped.</returns>
    public virtual Task StopAsync(CancellationToken cancellationToken = default) => host.StopAsync(cancellationToken);

    /// <summary>Runs the application until Ctrl+C or a signal ends it.</summary>
    public void Run() => RunAsync().GetAwaiter().GetResult();

    /// <summary>
    /// Runs the application until Ctrl+C or a signal ends it. If it cannot start, the reason is written to the error output and
    /// the process's exit code is 1.
    /// </summary>
    /// <param name="cancellationToken">Ends it too.</param>
    /// <returns>Done when it has ended.</returns>
    public virtual async Task RunAsync(CancellationToken cancellationToken = default)
    {
        await using (this)
        {
            try
            {
                await StartAsync(cancellationToken);
            }
            catch (DistributedApplicationException exception)
            {
                await Console.Error.WriteLineAsync($"The application cannot start. {exception.Message}");
                Environment.ExitCode = 1;
                return;
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await host.WaitForShutdownAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        if (host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
        else
            host.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        DisposeAsync().AsTask().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }
}
