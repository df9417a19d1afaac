using Floodgate.ReadRouter.Forwarding;
using Microsoft.Extensions.Configuration;

namespace Floodgate.UnitTests.ReadRouter;

public sealed class ServiceInstancesTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void The_least_busy_instance_is_picked()
    {
        using var instances = Instances("http://a:1", "http://b:2/", "http://c:3");
        instances.All("timeline")[0].Enter();
        instances.All("timeline")[2].Enter();

        for (var pick = 0; pick < 20; pick++)
            Assert.Equal("http://b:2", instances.Pick("timeline", except: null)?.Address);
    }

    [Fact]
    public void Equally_busy_instances_take_turns_by_chance()
    {
        using var instances = Instances("http://a:1", "http://b:2");

        var picked = Enumerable.Range(0, 50).Select(_ => instances.Pick("timeline", except: null)!.Address).Distinct(StringComparer.Ordinal);

        Assert.Equal(2, picked.Count());
    }

    [Fact]
    public void An_instance_that_failed_is_left_alone_for_a_second_while_there_is_another()
    {
        using var instances = Instances("http://a:1", "http://b:2");
        var (first, second) = (instances.All("timeline")[0], instances.All("timeline")[1]);
        first.Fail();
        second.Enter();

        Assert.Same(second, instances.Pick("timeline", except: null));
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Same(first, instances.Pick("timeline", except: null));
    }

    [Fact]
    public void An_instance_that_just_failed_is_taken_only_where_it_is_the_only_one()
    {
        using var pair = Instances("http://a:1", "http://b:2");
        using var single = Instances("http://a:1");

        Assert.Same(pair.All("timeline")[1], pair.Pick("timeline", except: pair.All("timeline")[0]));
        Assert.Same(single.All("timeline")[0], single.Pick("timeline", except: single.All("timeline")[0]));
        Assert.Null(single.Pick("unknown", except: null));
    }

    private ServiceInstances Instances(params string[] addresses) => new(
        new ConfigurationBuilder().AddInMemoryCollection(
            addresses.Select((address, i) => KeyValuePair.Create($"services:timeline:http:{i}", (string?)address))).Build(),
        new Random(1),
        _clock);
}
