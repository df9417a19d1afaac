using Floodgate.Leases.Store;

namespace Floodgate.SimulationTests.Cache.Cluster;

/// <summary>The log of changes in Redis: what <c>changed()</c> of <c>lease-prelude.lua</c> and <c>changes.lua</c> do.</summary>
/// <param name="now">The clock of Redis.</param>
internal sealed class SimulatedChanges(Func<DateTimeOffset> now)
{
    private readonly List<string> _keys = [];
    private long _last;

    /// <summary>Logs that a copy of an entry may not be current from now on.</summary>
    public void Add(string key)
    {
        _last = _last == 0 ? now().ToUnixTimeMilliseconds() * 1000 : _last + 1;
        _keys.Insert(0, key);
    }

    /// <summary>It is lost.</summary>
    public void Clear()
    {
        _keys.Clear();
        _last = 0;
    }

    /// <summary>The number of the last change, and the names of those that changed since another one, newest first; null where not all are told.</summary>
    public (long Last, IReadOnlyList<string>? Keys) Since(long? known) =>
        known is { } since && _last >= since && _last - since <= Math.Min(ChangeLog.MostTold, _keys.Count)
            ? (_last, _keys.GetRange(0, (int)(_last - since)))
            : (_last, null);
}
