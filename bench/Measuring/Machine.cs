using System.Globalization;
using System.Runtime.InteropServices;

namespace Floodgate.Bench.Measuring;

/// <summary>What a measurement was made on, so that its figures can be compared.</summary>
internal static class Machine
{
    /// <summary>Cores, memory, system and runtime in one line.</summary>
    public static string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30):0} GiB of memory, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}");
}
