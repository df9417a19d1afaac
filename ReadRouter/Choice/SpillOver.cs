using Microsoft.Extensions.Options;

namespace Floodgate.ReadRouter.Choice;

/// <summary>
/// Caps what the primary takes over from replicas: a share of all reads of the last second, but at least so many a second. Without a cap,
/// replicas that fall behind push all reads onto the primary, which slows the writes down, which is how a lag becomes an outage. Safe for
/// concurrent use.
/// </summary>
internal sealed class SpillOver(IOptions<RouterOptions> options, TimeProvider time)
{
    private const int Slots = 10;
    private static readonly TimeSpan SlotTime = TimeSpan.FromSeconds(1) / Slots;

    private readonly Lock _lock = new();
    private readonly (int Reads, int Taken)[] _slots = new (int, int)[Slots];
    private readonly long _startedAt = time.GetTimestamp();
    private long _slot;
    private int _reads;
    private int _taken;

    /// <summary>Counts a read.</summary>
    public void Count()
    {
        lock (_lock)
        {
            _slots[Turn()].Reads++;
            _reads++;
        }
    }

    /// <summary>Counts a read that the primary took over, whatever the cap: the service found out only when it read.</summary>
    public void CountTaken()
    {
        lock (_lock)
            Take();
    }

    /// <summary>Has the primary take over one of the reads that were counted, if the cap allows.</summary>
    public bool TryTake()
    {
        lock (_lock)
        {
            Turn();
            if (_taken >= Math.Max(options.Value.SpillOverRate, options.Value.SpillOverShare * _reads))
                return false;
            Take();
            return true;
        }
    }

    private void Take()
    {
        _slots[Turn()].Taken++;
        _taken++;
    }

    // Goes to the slot of now, and forgets those that are a second old.
    private int Turn()
    {
        var now = time.GetElapsedTime(_startedAt).Ticks / SlotTime.Ticks;
        for (var passed = Math.Max(_slot + 1, now - Slots + 1); passed <= now; passed++)
        {
            ref var slot = ref _slots[passed % Slots];
            _reads -= slot.Reads;
            _taken -= slot.Taken;
            slot = default;
        }

        if (now - _slot >= Slots)
        {
            Array.Clear(_slots);
            (_reads, _taken) = (0, 0);
        }

        _slot = now;
        return (int)(now % Slots);
    }
}
