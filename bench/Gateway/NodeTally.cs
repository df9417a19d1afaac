using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.Gateway;

/// <summary>Counts where reads were answered and why there, from <c>Floodgate-Node</c> and <c>Floodgate-Reason</c>.</summary>
internal sealed class NodeTally
{
    // There are as many keys as nodes times reasons; a gateway that invents more is cut off here.
    private const int MostKeys = 200;

    private readonly ConcurrentDictionary<(string Node, string Reason), long> _counts = new();

    /// <summary>Counts an answer if it says where it was read.</summary>
    public void Count(HttpResponseHeaders headers)
    {
        if (!headers.NonValidated.TryGetValues("Floodgate-Node", out var node)) return;
        var reason = headers.NonValidated.TryGetValues("Floodgate-Reason", out var given) ? given.ToString() : "";
        var key = (node.ToString(), reason);
        if (_counts.Count < MostKeys || _counts.ContainsKey(key)) _counts.AddOrUpdate(key, 1, static (_, n) => n + 1);
    }

    /// <summary>The table, the most frequent first.</summary>
    public ReportTable ToTable()
    {
        var table = new ReportTable("Where reads were answered", "node", "reason", "reads");
        foreach (var ((node, reason), count) in _counts.OrderByDescending(c => c.Value)) table.Add(node, reason, count);
        return table;
    }
}
