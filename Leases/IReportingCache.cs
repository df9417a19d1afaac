using Floodgate.Leases.Telemetry;

namespace Floodgate.Leases;

/// <summary>A cache that tells what it has done.</summary>
public interface IReportingCache
{
    /// <summary>The figures since the start of the process.</summary>
    CacheFigures Figures { get; }
}
