using System.Numerics;

namespace Floodgate.CounterService.Lag;

/// <summary>Sixty-four neighbouring envelopes of one producer: which are confirmed and not accounted for, since when, with how many writes.</summary>
internal sealed class EnvelopePage(Guid producer, long first)
{
    public const int Size = 64;

    private readonly ushort[] _writes = new ushort[Size];
    private readonly long[] _sentAt = new long[Size];

    /// <summary>Who made them.</summary>
    public Guid Producer => producer;

    /// <summary>The sequence of bit 0.</summary>
    public long First => first;

    /// <summary>A bit for each that is confirmed and not accounted for.</summary>
    public ulong Open { get; private set; }

    /// <summary>A bit for each that the last audit did not find where it should be.</summary>
    public ulong Suspected { get; set; }

    public bool Holds(Guid of, long sequence) => sequence >= first && sequence < first + Size && of == producer;

    public void Add(long sequence, int writes, long sentAt)
    {
        var bit = (int)(sequence - first);
        Open |= 1UL << bit;
        _writes[bit] = (ushort)Math.Min(writes, ushort.MaxValue);
        _sentAt[bit] = sentAt;
    }

    /// <summary>Forgets envelopes that are accounted for.</summary>
    public void Settle(ulong bits)
    {
        Open &= ~bits;
        Suspected &= ~bits;
    }

    /// <summary>The open ones above a sequence.</summary>
    public ulong OpenAbove(long sequence) => (sequence - first + 1) switch
    {
        <= 0 => Open,
        >= Size => 0,
        var known => Open & (ulong.MaxValue << (int)known),
    };

    /// <summary>When the first of these was sent, in order of their sequence; some bit must be set.</summary>
    public long FirstSentAt(ulong bits) => _sentAt[BitOperations.TrailingZeroCount(bits)];

    /// <summary>How many writes are in these.</summary>
    public long WritesOf(ulong bits)
    {
        var sum = 0L;
        for (; bits != 0; bits &= bits - 1)
        {
            sum += _writes[BitOperations.TrailingZeroCount(bits)];
        }

        return sum;
    }
}
