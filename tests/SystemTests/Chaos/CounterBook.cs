using System.Collections.Concurrent;

namespace Floodgate.SystemTests.Chaos;

/// <summary>The bounds of each plain counter, by what was acknowledged. Only positive amounts are added.</summary>
internal sealed class CounterBook
{
    private readonly ConcurrentDictionary<string, (long Least, long Most)> _bounds = new(StringComparer.Ordinal);

    /// <summary>The counters that were written.</summary>
    public IReadOnlyCollection<string> Counters => [.. _bounds.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Enters an addition.</summary>
    public void Enter(string counter, long by, Outcome outcome)
    {
        var least = outcome == Outcome.Acknowledged ? by : 0;
        var most = outcome == Outcome.Refused ? 0 : by;
        _bounds.AddOrUpdate(counter, (least, most), (_, before) => (before.Least + least, before.Most + most));
    }

    /// <summary>What a counter may be.</summary>
    public (long Least, long Most) BoundsOf(string counter) => _bounds[counter];
}
