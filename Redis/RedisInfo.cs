using System.Globalization;
using System.Runtime.InteropServices;

namespace Floodgate.Redis;

/// <summary>What is read of the answer to INFO (https://redis.io/docs/latest/commands/info/): lines <c>name:value</c>.</summary>
/// <param name="Run">
/// The run id, another one after each start, and the replication id, another one after each promotion: a server that lost its role and was given it back is
/// still the same process, but may lack what it had.
/// </param>
/// <param name="Evicted">How many keys were evicted since the start.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RedisInfo(string Run, long Evicted)
{
    private const int RunLength = 40;

    /// <summary>Reads the answer.</summary>
    /// <exception cref="InvalidOperationException">It says no run id, or no number of evicted keys.</exception>
    public static RedisInfo Parse(string answer)
    {
        string? run = null;
        var replication = "";
        long? evicted = null;
        foreach (var line in answer.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("run_id:", StringComparison.Ordinal))
            {
                run = line["run_id:".Length..].ToString();
            }
            else if (line.StartsWith("master_replid:", StringComparison.Ordinal))
            {
                replication = line["master_replid:".Length..].ToString();
            }
            else if (line.StartsWith("evicted_keys:", StringComparison.Ordinal)
                && long.TryParse(line["evicted_keys:".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var keys))
            {
                evicted = keys;
            }
        }

        return new RedisInfo(
            run is { Length: RunLength } ? run + replication : throw new InvalidOperationException("Redis does not say its run id."),
            evicted ?? throw new InvalidOperationException("Redis does not say how many keys it has evicted."));
    }
}
