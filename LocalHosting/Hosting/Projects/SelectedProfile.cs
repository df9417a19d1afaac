using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Projects;

/// <summary>Finds the launch profile a project is started with.</summary>
internal static class SelectedProfile
{
    public static LaunchProfile? Of(ProjectResource project)
    {
        if (project.HasAnnotationOfType<ExcludeLaunchProfileAnnotation>())
            return null;
        var metadata = project.Annotations.OfType<IProjectMetadata>().Single();
        var profiles = (metadata.LaunchSettings ?? LaunchSettings.Read(metadata.ProjectPath))?.Profiles ?? [];
        if (!project.TryGetLastAnnotation<LaunchProfileAnnotation>(out var named))
            return profiles.Values.FirstOrDefault(profile => profile.CommandName == "Project");
        return profiles.TryGetValue(named.LaunchProfileName, out var found)
            ? found
            : throw new DistributedApplicationException($"Project '{project.Name}' has no launch profile '{named.LaunchProfileName}'.");
    }
}
