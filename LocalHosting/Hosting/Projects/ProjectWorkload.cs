using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Processes;
using Aspire.Hosting.Running;
using Floodgate.LocalHosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Projects;

/// <summary>Runs a .NET project with the environment that Aspire gives it.</summary>
internal sealed class ProjectWorkload(WorkloadContext context) : Workload
{
    private readonly ProjectResource _project = (ProjectResource)context.Resource;
    private string? _assembly;

    public override string DisplayType => "project";

    public override string ResourceType => "Project";

    public override bool IsServer => false;

    public override bool RestartsAfter(int exitCode) => exitCode != 0;

    public override LogLevel Classify(string line, bool isError) => isError ? LogLevel.Error : LogLevel.Information;

    public override async Task<ProcessSpec> DescribeAsync(CancellationToken cancellationToken)
    {
        var metadata = _project.Annotations.OfType<IProjectMetadata>().Single();
        _assembly ??= (metadata as IProjectOutput)?.AssemblyPath ?? await FindAssemblyAsync(metadata.ProjectPath, cancellationToken);
        if (!File.Exists(_assembly))
            throw new DistributedApplicationException($"'{_assembly}' is not there. Build '{metadata.ProjectPath}'.");

        var environment = ProcessEnvironment.Inherited();
        environment["DOTNET_ENVIRONMENT"] = environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        foreach (var (name, value) in SelectedProfile.Of(_project)?.EnvironmentVariables ?? [])
            environment[name] = value;
        foreach (var (name, value) in Telemetry())
            environment[name] = value;
        foreach (var (name, value) in OwnEndpoints())
            environment[name] = value;
        foreach (var (name, value) in await ResourceConfiguration.EnvironmentAsync(_project, context.ExecutionContext, cancellationToken))
            environment[name] = value;

        var arguments = await ResourceConfiguration.ArgumentsAsync(_project, context.ExecutionContext, cancellationToken);
        return new ProcessSpec(DotnetHost.Path, ["exec", _assembly, .. arguments])
        {
            Environment = environment,
            WorkingDirectory = Path.GetDirectoryName(metadata.ProjectPath),
            StopTimeout = TimeSpan.FromSeconds(3.5),
        };
    }

    private Dictionary<string, string> OwnEndpoints()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        var addresses = context.Instance.Endpoints.Where(endpoint => endpoint.IsHttp).Select(endpoint => endpoint.Instances[context.Instance.Index].UriString);
        var urls = string.Join(';', addresses);
        if (urls.Length > 0)
            variables["ASPNETCORE_URLS"] = urls;
        foreach (var annotation in _project.Annotations.OfType<EndpointPortAnnotation>())
            variables[annotation.Variable] = context.Instance.PortOf(annotation.Endpoint).ToString(CultureInfo.InvariantCulture);
        return variables;
    }

    private Dictionary<string, string> Telemetry()
    {
        var configuration = context.Services.GetRequiredService<IConfiguration>();
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["OTEL_SERVICE_NAME"] = _project.Name,
            ["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={context.Instance.Id}",

            // Aspire's values for a developer's machine: what happens is seen at once.
            ["OTEL_BLRP_SCHEDULE_DELAY"] = "1000",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "1000",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
        };
        if (configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 } endpoint)
        {
            variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
            variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = configuration["OTEL_EXPORTER_OTLP_PROTOCOL"] ?? "grpc";
            if (configuration["OTEL_EXPORTER_OTLP_HEADERS"] is { Length: > 0 } headers)
                variables["OTEL_EXPORTER_OTLP_HEADERS"] = headers;
        }

        return variables;
    }

    private static async Task<string> FindAssemblyAsync(string projectPath, CancellationToken cancellationToken)
    {
        var spec = new ProcessSpec(DotnetHost.Path, ["msbuild", projectPath, "-getProperty:TargetPath", "-nodeReuse:false"])
        {
            Environment = ProcessEnvironment.Inherited(),
            WorkingDirectory = Path.GetDirectoryName(projectPath),
        };
        return await Tool.RunAsync(spec, cancellationToken);
    }
}
