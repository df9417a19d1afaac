using Floodgate.Sessions;

namespace Floodgate.Leases.Origin;

/// <summary>What the cache must know of the database that its values come from.</summary>
public interface IOriginView
{
    /// <summary>The line of timelines that led to the present one.</summary>
    TimelineHistory History { get; }

    /// <summary>
    /// The position that every snapshot that fills must have, whatever floor Redis knows of the key: that of the primary at a time from which on Redis
    /// has been told of every write and has kept its floor. Null while it is not known: then only the primary is far enough.
    /// </summary>
    WalPosition? BaseFloor { get; }
}
