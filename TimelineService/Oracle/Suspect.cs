namespace Floodgate.TimelineService.Oracle;

/// <summary>A post that is missing or extra, at the last look.</summary>
/// <param name="Kind"><see cref="DifferenceKind.Missing"/> or <see cref="DifferenceKind.Extra"/>.</param>
/// <param name="Post">The post.</param>
internal readonly record struct Suspicion(DifferenceKind Kind, long Post);

/// <summary>
/// A timeline that differed from SQL when it was last looked at. The difference may be what is on its way; so the timeline is looked at again,
/// and a suspicion that one look does not show is dropped for good.
/// </summary>
/// <param name="user">Whose timeline.</param>
/// <param name="options">When a suspicion may count.</param>
internal sealed class Suspect(long user, OracleOptions options)
{
    private Dictionary<Suspicion, (DateTimeOffset Since, int Looks)> _open = [];
    private int _looks;

    public long User => user;

    /// <summary>When it is to be looked at next.</summary>
    public DateTimeOffset Due { get; private set; }

    /// <summary>How many suspicions are open.</summary>
    public int Count => _open.Count;

    /// <summary>The lowest post under suspicion: a look must reach down to it.</summary>
    public long Lowest => _open.Keys.Min(suspicion => suspicion.Post);

    /// <summary>Takes note of a look.</summary>
    /// <returns>Those suspicions that every look has shown since they arose, and often enough: they count, unless something explains them.</returns>
    public IReadOnlyList<Suspicion> Look(TimelineComparison comparison, DateTimeOffset now)
    {
        var open = new Dictionary<Suspicion, (DateTimeOffset Since, int Looks)>();
        foreach (var suspicion in comparison.Missing.Select(post => new Suspicion(DifferenceKind.Missing, post))
            .Concat(comparison.Extra.Select(post => new Suspicion(DifferenceKind.Extra, post))))
        {
            var (since, looks) = _open.GetValueOrDefault(suspicion, (now, 0));
            open[suspicion] = (since, looks + 1);
        }

        _open = open;
        _looks++;
        Postpone(now);
        return [.. open.Where(suspicion => suspicion.Value.Looks >= options.Confirmations).Select(suspicion => suspicion.Key)];
    }

    /// <summary>Whether a suspicion has been open for so long that only something about this very post can explain it.</summary>
    public bool IsSettled(Suspicion suspicion, DateTimeOffset now) => now - _open[suspicion].Since >= options.Settle;

    /// <summary>Drops a suspicion: it was confirmed.</summary>
    public void Close(Suspicion suspicion) => _open.Remove(suspicion);

    /// <summary>Sets the next look: after a pause that doubles with each look there was.</summary>
    public void Postpone(DateTimeOffset now)
    {
        var pause = options.Recheck * Math.Pow(2, Math.Min(Math.Max(0, _looks - 1), 30));
        Due = now + (pause < options.Settle ? pause : options.Settle);
    }
}
