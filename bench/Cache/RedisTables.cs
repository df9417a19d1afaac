using System.Globalization;
using Floodgate.Bench.CacheNode.Messages;
using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.Cache;

/// <summary>What the lease cache asks of Redis.</summary>
internal static class RedisTables
{
    private const double Noticeable = 0.05;

    /// <summary>Bytes for each entry.</summary>
    public static ReportTable Memory(MemoryFigures? of)
    {
        var table = new ReportTable("Bytes of Redis memory for each entry", "", "value", "MEMORY USAGE", "growth of used_memory", "beyond the value");
        if (of is null) return table;
        Add("entry of the lease cache", of.Lease, of.LeaseGrown);
        Add("plain SET with an expiry, of the same value", of.Plain, of.PlainGrown);
        table.Add("ratio", "", Text($"{of.Lease / of.Plain:0.00} ×"), Text($"{of.LeaseGrown / of.PlainGrown:0.00} ×"), "");
        return table;

        void Add(string what, double usage, double grown) => table.Add(what, Math.Round(of.Value).ToString(CultureInfo.InvariantCulture), Text($"{usage:0}"), Text($"{grown:0}"), Text($"{grown - of.Value:0}"));
    }

    /// <summary>Commands and round trips.</summary>
    public static ReportTable Trips(IReadOnlyList<TripFigures> all)
    {
        var table = new ReportTable("What one call asks of Redis", "call", "round trips", "commands sent", "median, one caller alone", "commands run, those in scripts too");
        foreach (var of in all)
        {
            var run = of.Run.Where(pair => pair.Value >= Noticeable).OrderByDescending(pair => pair.Value).Select(pair => Text($"{pair.Key} {pair.Value:0.#}"));
            table.Add(NameOf(of.Call), Text($"{of.RoundTrips:0.0}"), Text($"{of.Sent:0.0}"), of.Median < TimeSpan.FromMicroseconds(1) ? "< 1 µs" : of.Median, string.Join(", ", run));
        }

        return table;
    }

    private static string NameOf(string call) => call switch
    {
        CallName.Hit => "hit",
        CallName.Miss => "miss, with the fill",
        CallName.Bulk => "20 hits at once",
        CallName.BulkMiss => "20 misses at once, with the fill",
        _ => "hot key, kept in the process",
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
