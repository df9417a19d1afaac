using Floodgate.Sessions;

namespace Floodgate.Leases.InProcess;

/// <summary>A value with what is known of it.</summary>
/// <param name="Value">The value; null where the origin has none.</param>
/// <param name="Holds">Everything up to here is in it.</param>
/// <param name="Shown">Nothing in it is newer.</param>
/// <param name="StaleFrom">The first write that it does not hold; none where it is current.</param>
/// <param name="Source">Where it came from.</param>
/// <param name="Bytes">How large its serialised form is.</param>
internal sealed record Found<TValue>(TValue? Value, WalPosition Holds, WalPosition Shown, WalPosition StaleFrom, CacheSource Source, int Bytes)
    where TValue : class
{
    /// <summary>As callers get it.</summary>
    public Cached<TValue> ToCached() => new(Value, Shown, Source);
}
