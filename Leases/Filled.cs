using Floodgate.Sessions;

namespace Floodgate.Leases;

/// <summary>What an origin answered for several keys out of one snapshot.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <param name="Values">The values; a key that is not in it has none.</param>
/// <param name="Holds">
/// A position taken before the snapshot: everything up to it is in the values. On a replica its replay LSN; on a primary its current LSN
/// (what of that it may still lack is made up for by the lease: docs/lease-cache.md).
/// </param>
/// <param name="Shown">A position taken after the snapshot: nothing in the values is newer.</param>
public sealed record Filled<TKey, TValue>(IReadOnlyDictionary<TKey, TValue> Values, WalPosition Holds, WalPosition Shown)
    where TKey : notnull
    where TValue : class;

/// <summary>What an origin answered for one key.</summary>
/// <typeparam name="TValue">The type of the value.</typeparam>
/// <param name="Value">The value; null where there is none.</param>
/// <param name="Holds">As in <see cref="Filled{TKey,TValue}"/>.</param>
/// <param name="Shown">As in <see cref="Filled{TKey,TValue}"/>.</param>
public readonly record struct Filled<TValue>(TValue? Value, WalPosition Holds, WalPosition Shown)
    where TValue : class;

/// <summary>What a fill must do.</summary>
/// <param name="AtLeast">
/// The position that the snapshot must have: at or past the floor of every key and what the caller has seen. A node before it gives values that
/// would be rejected.
/// </param>
/// <param name="FromPrimary">Whether only the primary is certain to be far enough: this process does not know yet how far it must be.</param>
public readonly record struct FillRequest(WalPosition AtLeast, bool FromPrimary);

/// <summary>Loads the values of keys in one query.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <param name="keys">The keys.</param>
/// <param name="request">Where the snapshot must stand.</param>
/// <param name="cancellationToken">The fill's time is over.</param>
public delegate Task<Filled<TKey, TValue>> FillMany<TKey, TValue>(IReadOnlyList<TKey> keys, FillRequest request, CancellationToken cancellationToken)
    where TKey : notnull
    where TValue : class;

/// <summary>Loads the value of a key.</summary>
/// <typeparam name="TValue">The type of the value.</typeparam>
/// <param name="request">Where the snapshot must stand.</param>
/// <param name="cancellationToken">The fill's time is over.</param>
public delegate Task<Filled<TValue>> FillOne<TValue>(FillRequest request, CancellationToken cancellationToken)
    where TValue : class;
