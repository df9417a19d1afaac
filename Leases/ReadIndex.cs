namespace Floodgate.Leases;

/// <summary>
/// A moment of which this process knows all changes that were announced before it: copies that were there by then and that no change names are current as
/// of it, without a question of their own. After the read index of Raft, which is asked for once and then serves local reads (Ongaro, "Consensus:
/// Bridging Theory and Practice", 2014, section 6.4).
/// </summary>
public readonly record struct ReadIndex
{
    internal ReadIndex(long moment) => Moment = moment;

    /// <summary>No moment: nothing can be read as of it.</summary>
    public static ReadIndex None => default;

    /// <summary>Whether nothing can be read as of it.</summary>
    public bool IsNone => Moment == 0;

    /// <summary>When it was asked for: in the order of <see cref="Loading.LookNumbers"/>.</summary>
    internal long Moment { get; }
}
