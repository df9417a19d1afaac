namespace Floodgate.Bench.CacheNode.Messages;

/// <summary><c>POST /items</c>: makes the items with the ids 1 to <paramref name="Rows"/>, as far as they are not there, and waits until every replica has them.</summary>
/// <param name="Rows">How many there are to be.</param>
/// <param name="Bytes">How long the text of each is.</param>
internal sealed record NewItems(long Rows, int Bytes);

/// <summary><c>GET /items/{id}</c>: what a read gave.</summary>
/// <param name="Version">The item's version; null where there is none.</param>
/// <param name="Source">Where it came from.</param>
internal sealed record ReadItem(long? Version, string Source);

/// <summary><c>GET /origin</c>: the queries that this process has asked PostgreSQL since its start.</summary>
/// <param name="Begun">How many it has begun: those that wait at the gate count.</param>
/// <param name="Ended">How many have ended.</param>
/// <param name="Keys">How many items they asked for.</param>
internal sealed record OriginFigures(long Begun, long Ended, long Keys);

/// <summary><c>PUT /gate</c>: while it is closed, no query goes to PostgreSQL; those that have begun wait.</summary>
/// <param name="Closed">Whether it is.</param>
internal sealed record GateState(bool Closed);
