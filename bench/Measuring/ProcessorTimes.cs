using System.Globalization;

namespace Floodgate.Bench.Measuring;

/// <summary>How much processor time groups of processes have used, from /proc (Linux). Kernel time counts; a child that has ended counts for its parent.</summary>
/// <param name="groups">The processes of each group; their descendants belong to it too.</param>
internal sealed class ProcessorTimes(IReadOnlyDictionary<string, IReadOnlyList<int>> groups)
{
    // USER_HZ: 100 on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    /// <summary>What has been used up to now.</summary>
    public ProcessorSample Take()
    {
        var byGroup = groups.Keys.ToDictionary(group => group, _ => 0.0, StringComparer.Ordinal);
        if (!OperatingSystem.IsLinux()) return new ProcessorSample(byGroup, 0);

        var processes = ReadProcesses();
        foreach (var (id, process) in processes)
        {
            if (GroupOf(id, processes) is { } group) byGroup[group] += process.Ticks / TicksPerSecond;
        }

        return new ProcessorSample(byGroup, ReadMachine());
    }

    private string? GroupOf(int id, Dictionary<int, (int Parent, long Ticks)> processes)
    {
        for (var at = id; processes.TryGetValue(at, out var process) && at > 1; at = process.Parent)
        {
            foreach (var (group, roots) in groups)
            {
                if (roots.Contains(at)) return group;
            }
        }

        return null;
    }

    private static Dictionary<int, (int Parent, long Ticks)> ReadProcesses()
    {
        var processes = new Dictionary<int, (int, long)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) continue;
            try
            {
                // The name, in brackets, may hold anything; after it come state and parent, and from the 12th on the times.
                var text = File.ReadAllText(Path.Combine(folder, "stat"));
                var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
                var ticks = fields[11..15].Sum(field => long.Parse(field, CultureInfo.InvariantCulture));
                processes[id] = (int.Parse(fields[1], CultureInfo.InvariantCulture), ticks);
            }
            catch (IOException)
            {
                // It has just ended.
            }
        }

        return processes;
    }

    // The first line: user, nice, system, idle, iowait, irq, softirq, steal.
    private static double ReadMachine()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields[1..].Select((field, i) => i is 3 or 4 or >= 8 ? 0 : long.Parse(field, CultureInfo.InvariantCulture)).Sum() / TicksPerSecond;
    }
}

/// <summary>Processor seconds since the start of the machine, or between two such samples.</summary>
/// <param name="ByGroup">Of each group.</param>
/// <param name="Machine">Of everything on the machine.</param>
internal sealed record ProcessorSample(IReadOnlyDictionary<string, double> ByGroup, double Machine)
{
    /// <summary>What was used by all groups.</summary>
    public double Total => ByGroup.Values.Sum();

    /// <summary>What was used since an earlier sample.</summary>
    public ProcessorSample Since(ProcessorSample earlier) => new(
        ByGroup.ToDictionary(pair => pair.Key, pair => pair.Value - earlier.ByGroup.GetValueOrDefault(pair.Key), StringComparer.Ordinal),
        Machine - earlier.Machine);

    /// <summary>Both together.</summary>
    public ProcessorSample Plus(ProcessorSample other) => new(
        ByGroup.ToDictionary(pair => pair.Key, pair => pair.Value + other.ByGroup.GetValueOrDefault(pair.Key), StringComparer.Ordinal),
        Machine + other.Machine);
}
