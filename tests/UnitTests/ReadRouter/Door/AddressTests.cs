using System.Net;
using Floodgate.ReadRouter.Door;
using Microsoft.Extensions.Options;

namespace Floodgate.UnitTests.ReadRouter.Door;

public sealed class AddressTests
{
    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "2001:db8::1", false)]
    [InlineData("127.0.0.1", "::1", false)]
    public void An_IPv4_address_is_a_caller_and_of_IPv6_a_64(string one, string other, bool same) =>
        Assert.Equal(same, AddressKey.Of(IPAddress.Parse(one)) == AddressKey.Of(IPAddress.Parse(other)));

    [Fact]
    public void Addresses_spread_evenly_over_a_fixed_number_of_slots()
    {
        const int Slots = 64;
        const int EachExpected = 256;
        var slots = new AddressSlots(Options.Create(new DoorOptions { AddressSlots = Slots }));
        var counts = new int[Slots];
        for (var i = 0; i < Slots * EachExpected; i++)
            counts[slots.Of(new IPAddress([10, (byte)(i >> 16), (byte)(i >> 8), (byte)i]))]++;

        Assert.Equal(slots.Of(IPAddress.Parse("10.0.0.1")), slots.Of(IPAddress.Parse("::ffff:10.0.0.1")));

        // With any secret some slot may get a few times its share of addresses in a row; none gets a tenth of them, as a weak hash would give.
        Assert.All(counts, count => Assert.InRange(count, 0, Slots * EachExpected / 10));
    }

    [Fact]
    public void Nobody_can_tell_beforehand_which_addresses_share_a_slot()
    {
        var addresses = Enumerable.Range(0, 256).Select(i => new IPAddress([10, 0, 0, (byte)i])).ToArray();
        var options = Options.Create(new DoorOptions());
        var (one, other) = (new AddressSlots(options), new AddressSlots(options));

        Assert.NotEqual(addresses.Select(one.Of), addresses.Select(other.Of));
    }
}
