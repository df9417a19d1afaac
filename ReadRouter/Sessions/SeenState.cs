using Floodgate.Sessions;

namespace Floodgate.ReadRouter.Sessions;

/// <summary>What a session has seen, as its tokens tell.</summary>
/// <param name="Position">The furthest position that is part of the data; <see cref="WalPosition.None"/> for a new session.</param>
/// <param name="IsLost">Whether it has seen something that a failover lost.</param>
/// <param name="IssuedAt">When the newest token was issued; null for a new session.</param>
internal readonly record struct SeenState(WalPosition Position, bool IsLost, DateTimeOffset? IssuedAt)
{
    /// <summary>A new session.</summary>
    public static SeenState Nothing { get; }
}
