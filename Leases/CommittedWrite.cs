using Floodgate.Sessions;

namespace Floodgate.Leases;

/// <summary>A write that has committed.</summary>
/// <param name="Position">The primary's position, taken after the commit (<c>pg_current_wal_lsn()</c>).</param>
/// <param name="Id">
/// Identifies the write, such as the id of its outbox row, so that telling the cache again changes nothing; 0 where it will not be told again.
/// </param>
public readonly record struct CommittedWrite(WalPosition Position, long Id = 0)
{
    /// <summary>
    /// A position taken inside the transaction after the row was locked (<c>pg_current_wal_insert_lsn()</c> in the statement's <c>RETURNING</c>).
    /// Whoever has seen nothing past it cannot have seen the write, and may have the old value for a moment. And positions after commits do not tell the
    /// order of two writes of one row, as either writer may be slow to ask; positions under the row's lock do. None: nobody is given the old value who
    /// has seen anything since it was loaded, and an update's value is not kept.
    /// </summary>
    public WalPosition Locked { get; init; }
}

/// <summary>How the caches learned of a write.</summary>
public enum Announcement
{
    /// <summary>The floor is raised: whoever reads from now on sees the write.</summary>
    Done,

    /// <summary>Redis could not be told, so that nothing it holds from before is believed any more (the epoch was raised).</summary>
    Disbelieved,

    /// <summary>Neither could be done: the outbox does it once it can.</summary>
    LeftToOutbox,
}
