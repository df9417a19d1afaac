namespace Floodgate.Sessions;

/// <summary>
/// How far a stream of a home timeline had got: the client has every post up to <see cref="Newest"/>, and of those above <see cref="From"/> the
/// <see cref="Fingerprint"/> tells which, so that a post that arrived late is not missed by a client that comes back.
/// </summary>
/// <param name="Newest">The id of the newest post that was sent or was there at first; 0 where there was none.</param>
/// <param name="From">From the next id on posts are in the fingerprint.</param>
/// <param name="Fingerprint">Made of the ids above <paramref name="From"/> up to <paramref name="Newest"/>, in whatever order.</param>
/// <param name="Position">The furthest position that the stream has shown.</param>
public readonly record struct StreamPlace(long Newest, long From, ulong Fingerprint, WalPosition Position);
