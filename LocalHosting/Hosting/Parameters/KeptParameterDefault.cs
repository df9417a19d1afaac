using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Data;

namespace Aspire.Hosting;

/// <summary>Generates a value on the first run and keeps it in the data folder.</summary>
internal sealed class KeptParameterDefault(LocalRun run, string name, ParameterDefault generator) : ParameterDefault
{
    public override string GetDefaultValue() => run.Parameters.GetOrAdd(name, generator.GetDefaultValue);
}
