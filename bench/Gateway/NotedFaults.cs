namespace Floodgate.Bench.Gateway;

/// <summary>Keeps the first few descriptions of what went wrong, so that a report can show examples.</summary>
/// <param name="limit">How many are kept.</param>
internal sealed class NotedFaults(int limit)
{
    private readonly Lock _gate = new();
    private readonly List<string> _noted = [];

    /// <summary>Keeps it if there is room.</summary>
    public void Note(string what)
    {
        lock (_gate)
        {
            if (_noted.Count < limit) _noted.Add(what);
        }
    }

    /// <summary>What was kept, in order.</summary>
    public IReadOnlyList<string> Noted
    {
        get
        {
            lock (_gate) return [.. _noted];
        }
    }
}
