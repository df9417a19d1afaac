namespace Floodgate.AppHost;

/// <summary>What all services of the application have in common.</summary>
internal static class ServiceExtensions
{
    /// <summary>Adds a service that speaks HTTP and answers <c>/health</c>. What it listens on is said here, not in a launch profile.</summary>
    public static IResourceBuilder<ProjectResource> AddService<TProject>(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, int? port = null)
        where TProject : IProjectMetadata, new()
    {
        var service = builder.AddProject<TProject>(name, launchProfileName: null)
            .WithHttpEndpoint(port: port)
            .WithHttpHealthCheck("/health");
        return builder.ExecutionContext.IsRunMode
            ? service
                .WithEnvironment("ASPNETCORE_ENVIRONMENT", builder.Environment.EnvironmentName)
                .WithEnvironment("DOTNET_ENVIRONMENT", builder.Environment.EnvironmentName)
            : service;
    }
}
