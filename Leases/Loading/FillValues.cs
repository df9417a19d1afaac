using Floodgate.Leases.Store;
using Floodgate.Sessions;

namespace Floodgate.Leases.Loading;

/// <summary>Gives values their expiries.</summary>
internal static class FillValues
{
    /// <summary>A value as it is written to Redis: its soft expiry varied, and that of "there is none" shorter.</summary>
    public static FillValue ToFill(
        this LeaseCacheOptions options, string name, byte[]? bytes, WalPosition holds, WalPosition shown, TimeSpan cost, Chance chance)
    {
        var hard = bytes is null ? options.NegativeExpiry : options.HardExpiry;
        var soft = options.SoftExpiry < hard ? options.SoftExpiry : hard;
        return new FillValue(name, bytes, holds, shown, chance.Vary(soft, options.Jitter), chance.Vary(hard, options.Jitter), cost);
    }
}
