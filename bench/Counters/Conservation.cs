using System.Globalization;
using Floodgate.Bench.Counters.Load;

namespace Floodgate.Bench.Counters;

/// <summary>Whether what is there is what was acknowledged: nothing lost, nothing counted twice.</summary>
internal static class Conservation
{
    /// <summary>Compares. A write without an answer, or with a 5xx, may count or not.</summary>
    /// <param name="what">The phase, for the reader.</param>
    /// <param name="load">What became of the writes.</param>
    /// <param name="totals">What is there, by place.</param>
    /// <returns>What is wrong, a line for each place.</returns>
    public static IEnumerable<string> Faults(string what, LoadResult load, IReadOnlyDictionary<string, long> totals)
    {
        foreach (var (place, total) in totals)
        {
            var most = load.Acknowledged + load.Unknown;
            if (total < load.Acknowledged)
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture, $"{what}: {load.Acknowledged - total:N0} acknowledged writes are LOST: {load.Acknowledged:N0} were acknowledged, {place} has {total:N0}.");
            }
            else if (total > most)
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture, $"{what}: {total - most:N0} writes are counted TWICE: {load.Acknowledged:N0} were acknowledged and {load.Unknown:N0} more may have been done, {place} has {total:N0}.");
            }
        }
    }
}
