using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Projects;
using Aspire.Hosting.Running;

namespace Aspire.Hosting;

/// <summary>Adds projects to an application.</summary>
public static class ProjectResourceBuilderExtensions
{
    /// <summary>Adds a project, started as its first launch profile says, if it has one.</summary>
    /// <typeparam name="TProject">The project: a class that the build of the AppHost makes.</typeparam>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <returns>The project.</returns>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, [ResourceName] string name)
        where TProject : IProjectMetadata, new() => Add(builder, name, new TProject(), profile: null, excludeProfile: false);

    /// <summary>Adds a project.</summary>
    /// <typeparam name="TProject">The project: a class that the build of the AppHost makes.</typeparam>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="launchProfileName">The launch profile it is started with; null for none.</param>
    /// <returns>The project.</returns>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, string? launchProfileName)
        where TProject : IProjectMetadata, new() => Add(builder, name, new TProject(), launchProfileName, launchProfileName is null);

    /// <summary>Adds a project, started as its first launch profile says, if it has one.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="projectPath">The project file, from the AppHost's folder. It has to be built.</param>
    /// <returns>The project.</returns>
    public static IResourceBuilder<ProjectResource> AddProject(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, string projectPath) =>
        Add(builder, name, PathOf(builder, projectPath), profile: null, excludeProfile: false);

    /// <summary>Adds a project.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="projectPath">The project file, from the AppHost's folder. It has to be built.</param>
    /// <param name="launchProfileName">The launch profile it is started with; null for none.</param>
    /// <returns>The project.</returns>
    public static IResourceBuilder<ProjectResource> AddProject(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, string projectPath, string? launchProfileName) =>
        Add(builder, name, PathOf(builder, projectPath), launchProfileName, launchProfileName is null);

    /// <summary>Says how many processes of the project run. Callers that reference it get the addresses of all.</summary>
    /// <param name="builder">The project.</param>
    /// <param name="replicas">At least 1.</param>
    /// <returns>The project.</returns>
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentOutOfRangeException.ThrowIfLessThan(replicas, 1);
        return builder.WithAnnotation(new ReplicaAnnotation(replicas), ResourceAnnotationMutationBehavior.Replace);
    }

    private static ProjectAt PathOf(IDistributedApplicationBuilder builder, string projectPath)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return new(Path.GetFullPath(projectPath, builder.AppHostDirectory));
    }

    private static IResourceBuilder<ProjectResource> Add(
        IDistributedApplicationBuilder builder, string name, IProjectMetadata metadata, string? profile, bool excludeProfile)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var project = builder.AddResource(new ProjectResource(name))
            .WithAnnotation(metadata)
            .WithAnnotation(new WorkloadAnnotation(context => new ProjectWorkload(context)));
        if (excludeProfile)
            return project.WithAnnotation(new ExcludeLaunchProfileAnnotation());
        if (profile is not null)
            project.WithAnnotation(new LaunchProfileAnnotation(profile));
        foreach (var url in (SelectedProfile.Of(project.Resource)?.ApplicationUrl ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var address = new Uri(url.Replace("//*", "//localhost", StringComparison.Ordinal).Replace("//+", "//localhost", StringComparison.Ordinal));

            // Nothing here has a certificate: of a project's addresses, those with http are used.
            if (address.Scheme == Uri.UriSchemeHttp)
                project.WithEndpoint(port: address.Port, scheme: address.Scheme, name: address.Scheme);
        }

        return project;
    }

    private sealed record ProjectAt(string ProjectPath) : IProjectMetadata;
}
