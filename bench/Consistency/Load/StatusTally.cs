using System.Collections.Concurrent;

namespace Floodgate.Bench.Consistency.Load;

/// <summary>Counts answers by policy and status; 0 stands for no answer. Safe for concurrent use.</summary>
internal sealed class StatusTally
{
    private readonly ConcurrentDictionary<(string Policy, int Status), long> _counts = new();

    /// <summary>Counts one.</summary>
    public void Count(Door door, int status) => _counts.AddOrUpdate((door.Policy, status), 1, static (_, count) => count + 1);

    /// <summary>How many there were with a status.</summary>
    public long Of(string policy, Func<int, bool> status) => _counts.Where(pair => pair.Key.Policy == policy && status(pair.Key.Status)).Sum(pair => pair.Value);

    /// <summary>All that were counted.</summary>
    public long Total => _counts.Values.Sum();
}
