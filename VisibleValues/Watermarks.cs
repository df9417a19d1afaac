using System.Globalization;
using System.Text;

namespace Floodgate.VisibleValues;

/// <summary>
/// The watermarks of a partition in one text, <c>producer=sequence;…</c>: an envelope at or below its producer's is either
/// in the slots of the partition or will come with a later flush, and is not pending.
/// </summary>
/// <remarks>
/// Of a producer it is the highest sequence in the ledger; the gaps below are envelopes that were never confirmed, that
/// are put aside, or that come later because a redelivery changed their order. To ignore such an envelope until its own
/// flush costs freshness; to take it for pending when it is not would show it twice.
/// </remarks>
public static class Watermarks
{
    /// <summary>
    /// How long a producer is named after its last envelope was flushed: longer than any counter stays in Redis untouched, as
    /// what is pending there of a producer that nobody names would count as pending for ever.
    /// </summary>
    public static readonly TimeSpan NamedFor = TimeSpan.FromHours(25);

    /// <summary>
    /// The watermarks of each partition, as SQL: a query with the columns <c>partition</c> and <c>watermarks</c>. To be
    /// joined in the statement that reads the slots, as both must be of one snapshot.
    /// </summary>
    public const string Sql = """
        SELECT l.partition, string_agg(replace(l.producer::text, '-', '') || '=' || upper(l.applied) - 1, ';') AS watermarks
        FROM flush_ledger l WHERE l.updated_at > now() - interval '25 hours' GROUP BY l.partition
        """;

    /// <summary>Writes watermarks.</summary>
    public static string Format(IEnumerable<(Guid Producer, long Sequence)> of)
    {
        ArgumentNullException.ThrowIfNull(of);
        var text = new StringBuilder();
        foreach (var (producer, sequence) in of)
        {
            text.Append(text.Length == 0 ? "" : ";").Append(CultureInfo.InvariantCulture, $"{producer:N}={sequence}");
        }

        return text.ToString();
    }
}
