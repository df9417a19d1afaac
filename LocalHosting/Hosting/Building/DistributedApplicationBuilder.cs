using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Data;
using Aspire.Hosting.Display;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

/// <summary>Describes an application that runs as processes of this machine.</summary>
public class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    // The longest an orderly stop takes: services, replicas, primary, one after the other.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(15);

    private readonly HostApplicationBuilder _host;
    private EntryPointHook? _hook;

    /// <summary>Begins a description.</summary>
    /// <param name="args">The command line. <c>--ephemeral</c> throws all data away at the end.</param>
    public DistributedApplicationBuilder(string[] args)
        : this(new DistributedApplicationOptions { Args = args })
    {
    }

    /// <summary>Begins a description.</summary>
    /// <param name="options">How it is to be.</param>
    public DistributedApplicationBuilder(DistributedApplicationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _hook = EntryPointHook.Current;
        _hook?.Creating(options);

        var commandLine = CommandLine.Parse(options.Args ?? []);
        AppHostAssembly = options.AssemblyName is { } name ? Assembly.Load(name) : _hook?.AppHostAssembly ?? Assembly.GetEntryAssembly();
        AppHostDirectory = options.ProjectDirectory ?? AppHostProject.DirectoryOf(AppHostAssembly) ?? Directory.GetCurrentDirectory();
        _host = new HostApplicationBuilder(new HostApplicationBuilderSettings
        {
            Args = commandLine.Rest,
            ContentRootPath = AppHostDirectory,
            EnvironmentName = System.Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT")
                ?? System.Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT")
                ?? Environments.Development,
        });
        ExecutionContext = new(commandLine.IsPublish ? DistributedApplicationOperation.Publish : DistributedApplicationOperation.Run);

        var run = new LocalRun
        {
            AppHostName = AppHostAssembly?.GetName().Name ?? "AppHost",
            AppHostDirectory = AppHostDirectory,
            Ephemeral = commandLine.Ephemeral || _hook is not null || Configuration.GetValue("LocalHosting:Ephemeral", defaultValue: false),
            ShowConsole = _hook is null && !options.DisableDashboard,
        };
        AddServices(run);
    }

    /// <inheritdoc/>
    public ConfigurationManager Configuration => _host.Configuration;

    /// <inheritdoc/>
    public string AppHostDirectory { get; }

    /// <inheritdoc/>
    public Assembly? AppHostAssembly { get; }

    /// <inheritdoc/>
    public IHostEnvironment Environment => _host.Environment;

    /// <inheritdoc/>
    public IServiceCollection Services => _host.Services;

    /// <inheritdoc/>
    public IDistributedApplicationEventing Eventing { get; } = new DistributedApplicationEventing();

    /// <inheritdoc/>
    public DistributedApplicationExecutionContext ExecutionContext { get; }

    /// <inheritdoc/>
    public IResourceCollection Resources { get; } = new ResourceCollection();

    /// <inheritdoc/>
    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resource);
        if (Resources.TryGetByName(resource.Name, out var other))
        {
            throw new DistributedApplicationException(
                $"Cannot add resource of type '{resource.GetType().Name}' with name '{resource.Name}': there is a '{other.GetType().Name}' with that name.");
        }

        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    /// <inheritdoc/>
    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource => new ResourceBuilder<T>(this, resource);

    /// <inheritdoc/>
    public DistributedApplication Build()
    {
        if (ExecutionContext.IsPublishMode)
        {
            throw new DistributedApplicationException(
                "LocalHosting cannot publish. Build the AppHost with -p:HostingMode=Containers (which needs the Aspire packages) and publish that.");
        }

        _hook?.Building(this);
        return new DistributedApplication(_host.Build());
    }

    /// <summary>The test that took the description over builds it itself.</summary>
    internal void ForgetHook() => _hook = null;

    private void AddServices(LocalRun run)
    {
        _host.Logging.ClearProviders();
        Services.Configure<HostOptions>(options => options.ShutdownTimeout = ShutdownTimeout);
        Services.AddHealthChecks();
        Services.AddSingleton(run);
        Services.AddSingleton(run.Time);
        Services.AddSingleton(ExecutionContext);
        Services.AddSingleton(Eventing);
        Services.AddSingleton(new DistributedApplicationModel(Resources));
        Services.AddSingleton<ResourceLoggerService>();
        Services.AddSingleton(services => new ResourceNotificationService(services.GetRequiredService<IHostApplicationLifetime>()));
        Services.AddSingleton(services => new ResourceCommandService(services, services.GetRequiredService<DistributedApplicationModel>()));
        Services.AddSingleton<LocalOrchestrator>();
        if (run.ShowConsole)
        {
            Services.AddSingleton<ConsoleDisplay>();
            Services.AddSingleton<ILoggerProvider, ConsoleDisplayLoggerProvider>();
            Services.AddHostedService(services => services.GetRequiredService<ConsoleDisplay>());
            Services.AddHostedService<ParentWatch>();
        }

        Services.AddHostedService(services => services.GetRequiredService<LocalOrchestrator>());
    }
}
