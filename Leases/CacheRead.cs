using Floodgate.Sessions;

namespace Floodgate.Leases;

/// <summary>What a caller demands of a value.</summary>
/// <param name="AtLeast">
/// What the caller's session has seen. A value that was invalidated is still good for a caller who has not seen anything of the write yet;
/// <see cref="WalPosition.None"/> where there is no session.
/// </param>
public readonly record struct CacheRead(WalPosition AtLeast)
{
    /// <summary>A caller without a session.</summary>
    public static CacheRead Any => default;

    /// <summary>Whether the value must be current as of the call: not one that was invalidated, whatever the caller has seen.</summary>
    public bool IsCurrent { get; init; }
}

/// <summary>Where a value came from.</summary>
public enum CacheSource
{
    /// <summary>From Redis, and current.</summary>
    Hit,

    /// <summary>From this process, and current: a hot key.</summary>
    InProcess,

    /// <summary>Invalidated, or past its soft expiry; somebody refreshes it.</summary>
    Stale,

    /// <summary>This process loaded it under a lease.</summary>
    Filled,

    /// <summary>Another process, or another caller, loaded it.</summary>
    Waited,

    /// <summary>Loaded, or kept in this process, while Redis is away or may not keep it.</summary>
    WithoutRedis,
}

/// <summary>A value out of the cache.</summary>
/// <typeparam name="TValue">The type of the value.</typeparam>
/// <param name="Value">The value; null where the origin has none.</param>
/// <param name="Position">
/// What a session that was shown the value has seen: to be merged into its position, so that it never meets an older state.
/// </param>
/// <param name="Source">Where it came from.</param>
public readonly record struct Cached<TValue>(TValue? Value, WalPosition Position, CacheSource Source)
    where TValue : class;
