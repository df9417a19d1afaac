using System.Buffers;
using Floodgate.Leases;

namespace Floodgate.TimelineService.Caches;

/// <summary>Whom a user follows.</summary>
/// <param name="followees">The ids, ascending.</param>
internal sealed class FollowList(long[] followees)
{
    public IReadOnlyList<long> Followees => followees;

    public bool Contains(long user) => followees.AsSpan().BinarySearch(user) >= 0;
}

/// <summary>Follow lists as the differences from one id to the next, 7 bits a byte: 5,000 follows take some 15 kB.</summary>
internal sealed class FollowListCodec : ICacheCodec<FollowList>
{
    private const int LongestNumber = 10;
    private const int Bits = 7;
    private const byte More = 0x80;

    public void Write(FollowList value, IBufferWriter<byte> output)
    {
        var last = 0L;
        foreach (var id in value.Followees)
        {
            var span = output.GetSpan(LongestNumber);
            var length = 0;
            var left = (ulong)(id - last);
            for (; left >= More; left >>= Bits)
            {
                span[length++] = (byte)(left | More);
            }

            span[length++] = (byte)left;
            output.Advance(length);
            last = id;
        }
    }

    public FollowList Read(ReadOnlySpan<byte> bytes)
    {
        var ids = new List<long>(bytes.Length / 2);
        var (last, number, shift) = (0L, 0UL, 0);
        foreach (var part in bytes)
        {
            number |= (ulong)(part & ~More) << shift;
            if ((part & More) != 0)
            {
                shift += Bits;
                continue;
            }

            ids.Add(last += (long)number);
            (number, shift) = (0, 0);
        }

        return shift == 0 ? new FollowList([.. ids]) : throw new FormatException("A cached follow list is cut off.");
    }
}
