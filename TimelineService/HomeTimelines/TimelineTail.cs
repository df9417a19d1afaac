using System.Buffers.Text;
using StackExchange.Redis;

namespace Floodgate.TimelineService.HomeTimelines;

/// <summary>Reads the newest part of a timeline's list (see <see cref="TimelineScripts"/>).</summary>
internal static class TimelineTail
{
    private const byte Floor = (byte)'z';
    private const byte Build = (byte)'b';

    /// <summary>Reads it.</summary>
    /// <param name="elements">The last elements of the list, in its order.</param>
    /// <param name="asked">How many were asked for.</param>
    /// <param name="mark">The mark of timelines of this run of Redis.</param>
    /// <param name="before">Only ids below it are wanted.</param>
    public static TimelineSlice Read(RedisValue[] elements, int asked, RedisValue mark, long before)
    {
        if (elements.Length == 0)
        {
            return TimelineSlice.Of(TimelineState.Missing);
        }

        var ids = new long[elements.Length];
        var (count, at, floor, ordered) = (0, -1, -1L, true);
        for (var i = elements.Length - 1; i >= 0; i--)
        {
            var element = (byte[])elements[i]!;
            if (element.Length > 0 && element[0] is >= (byte)'0' and <= (byte)'9')
            {
                if (Utf8Parser.TryParse(element, out long id, out var read) && read == element.Length)
                {
                    ordered &= count == 0 || id < ids[count - 1];
                    ids[count++] = id;
                }
            }
            else if (element is [Build, ..])
            {
                return TimelineSlice.Of(TimelineState.Building);
            }
            else if (element is [Floor, ..])
            {
                floor = Utf8Parser.TryParse(element.AsSpan(1), out long lowest, out _) ? lowest : floor;
            }
            else if (elements[i] == mark)
            {
                at = count;
            }
        }

        var isAll = elements.Length < asked || floor >= 0;
        if (at < 0)
        {
            // All of it, and not this run's mark: a copy of another run.
            return TimelineSlice.Of(isAll ? TimelineState.Missing : TimelineState.Unsettled);
        }

        if (!isAll)
        {
            if (at == count)
            {
                return TimelineSlice.Of(TimelineState.Unsettled);
            }

            // What lies deeper is older than the oldest in order that was read.
            floor = ids[count - 1];
        }

        // Posts arrive in order as a rule: then the list, read from its end, is what is wanted.
        var known = ids.AsSpan(0, count);
        if (!ordered)
        {
            Descending.Order(known);
        }

        return new TimelineSlice(TimelineState.Complete, floor, Within(known, Math.Max(floor, 1), before), isAll);
    }

    private static long[] Within(Span<long> ids, long floor, long before)
    {
        var kept = 0;
        foreach (var id in ids)
        {
            if (id >= floor && id < before && (kept == 0 || ids[kept - 1] != id))
            {
                ids[kept++] = id;
            }
        }

        return ids[..kept].ToArray();
    }
}
