using System.Globalization;
using System.Runtime.InteropServices;

namespace Floodgate.CounterService.Ranking;

/// <summary>A stretch of time that ends now: <c>15m</c>, <c>1h</c>, <c>7d</c>.</summary>
/// <param name="Length">How long it is; whole minutes, 1 minute to 7 days.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TimeWindow(TimeSpan Length)
{
    public const string Rule = "A window is a number with m, h or d behind it, from 1m to 7d.";

    /// <summary>What the flush keeps minute by minute; FlushWorker rolls up what is older into hours.</summary>
    public static readonly TimeSpan InMinutes = TimeSpan.FromHours(3);

    public static readonly TimeSpan Default = TimeSpan.FromHours(1);

    private static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    /// <summary>The buckets it is made of: minutes, or hours where it reaches further back than those are kept.</summary>
    public TimeSpan Bucket => Length <= InMinutes ? TimeSpan.FromMinutes(1) : TimeSpan.FromHours(1);

    /// <summary>The start of the first bucket: buckets are whole, so up to one more than the length.</summary>
    public DateTimeOffset Since(DateTimeOffset now)
    {
        var since = now - Length;
        return new DateTimeOffset(since.UtcTicks - (since.UtcTicks % Bucket.Ticks), TimeSpan.Zero);
    }

    /// <summary>Reads a window; absent, it is an hour.</summary>
    public static bool TryParse(string? text, out TimeWindow window)
    {
        window = new TimeWindow(Default);
        if (text is null)
        {
            return true;
        }

        if (text.Length is < 2 or > 6 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        var unit = text[^1] switch
        {
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            _ => TimeSpan.Zero,
        };
        window = new TimeWindow(number * unit);
        return window.Length > TimeSpan.Zero && window.Length <= Longest;
    }
}
