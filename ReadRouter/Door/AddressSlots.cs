using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace Floodgate.ReadRouter.Door;

/// <summary>
/// Spreads addresses over a fixed number of slots. An attacker may have any number of addresses; what is counted for them still fits. The hash
/// is multiply-shift with secret factors (Dietzfelbinger et al., 1997): nobody can choose an address that meets a given other one.
/// </summary>
internal sealed class AddressSlots
{
    private readonly UInt128 _factor;
    private readonly UInt128 _summand;
    private readonly int _count;

    public AddressSlots(IOptions<DoorOptions> options)
    {
        Span<UInt128> secret = stackalloc UInt128[2];
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(secret));
        (_factor, _summand, _count) = (secret[0], secret[1], options.Value.AddressSlots);
    }

    /// <summary>The slot of an address, from 0 to one below the number of slots.</summary>
    public int Of(IPAddress? address)
    {
        var hash = (ulong)(((_factor * AddressKey.Of(address).Value) + _summand) >> 64);
        return (int)(((UInt128)hash * (ulong)_count) >> 64);
    }
}
