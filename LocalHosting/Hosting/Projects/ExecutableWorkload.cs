using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Processes;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Projects;

/// <summary>Runs a program.</summary>
internal sealed class ExecutableWorkload(WorkloadContext context) : Workload
{
    private readonly ExecutableResource _executable = (ExecutableResource)context.Resource;

    public override string DisplayType => "program";

    public override bool IsServer => false;

    public override bool RestartsAfter(int exitCode) => exitCode != 0;

    public override LogLevel Classify(string line, bool isError) => isError ? LogLevel.Error : LogLevel.Information;

    public override async Task<ProcessSpec> DescribeAsync(CancellationToken cancellationToken)
    {
        var environment = ProcessEnvironment.Inherited();
        foreach (var (name, value) in await ResourceConfiguration.EnvironmentAsync(_executable, context.ExecutionContext, cancellationToken))
            environment[name] = value;
        foreach (var annotation in _executable.Annotations.OfType<EndpointPortAnnotation>())
            environment[annotation.Variable] = context.Instance.PortOf(annotation.Endpoint).ToString(CultureInfo.InvariantCulture);
        var arguments = await ResourceConfiguration.ArgumentsAsync(_executable, context.ExecutionContext, cancellationToken);
        return new ProcessSpec(Path.IsPathRooted(_executable.Command) ? _executable.Command : Resolve(), arguments)
        {
            Environment = environment,
            WorkingDirectory = _executable.WorkingDirectory,
        };
    }

    private string Resolve()
    {
        var inFolder = Path.GetFullPath(_executable.Command, _executable.WorkingDirectory);
        return _executable.Command.Contains('/', StringComparison.Ordinal) && File.Exists(inFolder)
            ? inFolder
            : Programs.Find(_executable.Command) ?? throw new DistributedApplicationException($"The program '{_executable.Command}' is not there.");
    }
}
