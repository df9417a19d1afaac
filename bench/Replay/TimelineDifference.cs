namespace Floodgate.Bench.Replay;

/// <summary>How a timeline differs from the plain SQL answer.</summary>
/// <param name="Missing">Entries that should be there and are not.</param>
/// <param name="Extra">Entries that should not be there.</param>
/// <param name="Duplicate">Entries shown more than once.</param>
/// <param name="Disordered">Entries that are newer than the one before them.</param>
internal readonly record struct TimelineDifference(int Missing, int Extra, int Duplicate, int Disordered)
{
    /// <summary>Whether there is none.</summary>
    public bool IsNone => this == default;

    /// <summary>Compares.</summary>
    /// <param name="shown">What the pages showed, in their order.</param>
    /// <param name="ended">Whether the pages came to the end.</param>
    /// <param name="oracle">The newest ids by the plain SQL answer.</param>
    /// <param name="limit">How many were asked of the oracle: it knows no older ones if it gave as many.</param>
    public static TimelineDifference Between(IReadOnlyList<long> shown, bool ended, IReadOnlyList<long> oracle, int limit)
    {
        var distinct = new HashSet<long>(shown);
        var right = new HashSet<long>(oracle);

        // Each is judged only as far back as the other reaches.
        var shownReaches = ended || shown.Count == 0 ? long.MinValue : distinct.Min();
        var oracleReaches = oracle.Count < limit ? long.MinValue : oracle[^1];
        var disordered = 0;
        for (var i = 1; i < shown.Count; i++)
        {
            if (shown[i] > shown[i - 1]) disordered++;
        }

        return new TimelineDifference(
            right.Count(id => id >= shownReaches && !distinct.Contains(id)),
            distinct.Count(id => id >= oracleReaches && !right.Contains(id)),
            shown.Count - distinct.Count,
            disordered);
    }
}
