using System.Diagnostics;
using Floodgate.Bench.Measuring;

namespace Floodgate.BenchTests.Measuring;

public sealed class ProcessorTimesTests
{
    [Fact]
    public void Work_counts_for_the_group_of_its_process()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "It reads /proc.");
        var times = new ProcessorTimes(new Dictionary<string, IReadOnlyList<int>>(StringComparer.Ordinal)
        {
            ["self"] = [Environment.ProcessId],
            ["none"] = [int.MaxValue],
        });
        var before = times.Take();
        using var process = Process.GetCurrentProcess();
        var worked = process.TotalProcessorTime;
        while (process.TotalProcessorTime - worked < TimeSpan.FromMilliseconds(200)) process.Refresh();

        var used = times.Take().Since(before);

        Assert.InRange(used.ByGroup["self"], 0.15, 5);
        Assert.Equal(0, used.ByGroup["none"]);
        Assert.True(used.Machine >= used.Total - 0.1, $"the machine used {used.Machine}, the process {used.Total}");
    }
}
