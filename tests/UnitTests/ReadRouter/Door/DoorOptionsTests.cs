using Floodgate.ReadRouter.Door;

namespace Floodgate.UnitTests.ReadRouter.Door;

public sealed class DoorOptionsTests
{
    private readonly DoorOptionsValidation _validation = new();

    [Fact]
    public void The_defaults_agree_with_each_other() => Assert.True(_validation.Validate(null, new DoorOptions()).Succeeded);

    [Fact]
    public void All_contradictions_are_said_at_once_and_both_settings_are_named()
    {
        var options = new DoorOptions
        {
            Connections = 10,
            ConnectionsPerAddress = 11,
            ConcurrentStreams = 10,
            RequestBufferSize = 64 * 1024,
            RequestLineSize = (64 * 1024) + 1,
            HeadersSize = (64 * 1024) + 1,
        };
        options.KnownProxies.Add("proxy.example");
        options.KnownNetworks.Add("10.0.0.0/8");
        options.KnownNetworks.Add("10.0.0.0/33");
        options.KnownNetworks.Add("::/0");

        var failures = _validation.Validate(null, options).Failures!.ToArray();

        string[][] named =
        [
            ["Floodgate:Door:ConnectionsPerAddress (11)", "Floodgate:Door:Connections (10)"],
            ["Floodgate:Door:ConcurrentStreams (10)", "Floodgate:Door:Connections (10)"],
            ["Floodgate:Door:RequestLineSize (65537)", "Floodgate:Door:RequestBufferSize (65536)"],
            ["Floodgate:Door:HeadersSize (65537)", "Floodgate:Door:RequestBufferSize (65536)"],
            ["Floodgate:Door:KnownProxies:0 (proxy.example)"],
            ["Floodgate:Door:KnownNetworks:1 (10.0.0.0/33)"],
            ["Floodgate:Door:KnownNetworks:2 (::/0)"],
        ];
        Assert.Equal(named.Length, failures.Length);
        Assert.All(named.Zip(failures), pair => Assert.All(pair.First, name => Assert.Contains(name, pair.Second, StringComparison.Ordinal)));
    }

    [Fact]
    public void Without_a_limit_on_all_connections_one_address_may_have_any_number() =>
        Assert.True(_validation.Validate(null, new DoorOptions { Connections = 0, ConnectionsPerAddress = 1_000_000 }).Succeeded);
}
