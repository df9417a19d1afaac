using System.Runtime.InteropServices;

namespace Floodgate.CounterService.Lag;

/// <summary>What PostgreSQL knows of the envelopes of one partition and some producers, in one snapshot.</summary>
internal sealed class AccountedFor
{
    private readonly Dictionary<Guid, List<SequenceRange>> _applied = [];
    private readonly HashSet<(Guid, long)> _parked = [];

    /// <summary>The highest sequence applied, by producer.</summary>
    public IEnumerable<KeyValuePair<Guid, long>> Highest =>
        _applied.Select(of => KeyValuePair.Create(of.Key, of.Value.Max(range => range.Below) - 1));

    public void AddApplied(Guid producer, long from, long below)
    {
        if (!_applied.TryGetValue(producer, out var ranges))
        {
            _applied.Add(producer, ranges = []);
        }

        ranges.Add(new SequenceRange(from, below));
    }

    public void AddParked(Guid producer, long sequence) => _parked.Add((producer, sequence));

    public bool IsParked(Guid producer, long sequence) => _parked.Contains((producer, sequence));

    // Of a producer there is one range, and one more for each gap.
    public bool IsApplied(Guid producer, long sequence)
    {
        if (_applied.TryGetValue(producer, out var ranges))
        {
            foreach (var range in CollectionsMarshal.AsSpan(ranges))
            {
                if (sequence >= range.From && sequence < range.Below)
                {
                    return true;
                }
            }
        }

        return false;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct SequenceRange(long From, long Below);
}
