namespace Floodgate.Sessions;

/// <summary>
/// What a client has seen: the cluster, and the furthest position it wrote or read at. It gives read-your-writes and
/// monotonic reads without a session store (Terry et al., "Session Guarantees for Weakly Consistent Replicated Data",
/// PDIS 1994, sections 3.1 and 3.2), because a read is only sent to a node at or past <see cref="Position"/>.
/// </summary>
/// <param name="SystemId">PostgreSQL's system identifier of the cluster (<c>pg_control_system()</c>).</param>
/// <param name="Position">The furthest position seen.</param>
/// <param name="IssuedAt">When the router signed it, by the router's clock; kept to the millisecond.</param>
public sealed record SessionToken(ulong SystemId, WalPosition Position, DateTimeOffset IssuedAt);
