using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Floodgate.ReadRouter.Door;

/// <summary>
/// An address as far as it is one caller's: of IPv4 all of it, of IPv6 the first 64 bits, as everyone has at least a /64 to choose the rest
/// from (RFC 6177, https://www.rfc-editor.org/rfc/rfc6177).
/// </summary>
/// <param name="Value">The network of an IPv6 address; an IPv4 address as ::ffff:0:0/96 would have it, where no IPv6 network is.</param>
internal readonly record struct AddressKey(ulong Value)
{
    private const ulong IPv4 = 0xFFFFUL << 32;

    public static AddressKey Of(IPAddress? address)
    {
        // A pipe or a socket of this machine has no address; what comes that way is one caller.
        if (address is null)
            return default;

        Span<byte> bytes = stackalloc byte[16];
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        address.TryWriteBytes(bytes, out _);
        return address.AddressFamily == AddressFamily.InterNetwork
            ? new AddressKey(IPv4 | BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : new AddressKey(BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }
}
