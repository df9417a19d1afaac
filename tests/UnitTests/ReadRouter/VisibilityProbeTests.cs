using System.Diagnostics.Metrics;
using Floodgate.ReadRouter;
using Floodgate.ReadRouter.Nodes;

namespace Floodgate.UnitTests.ReadRouter;

public sealed class VisibilityProbeTests : IDisposable
{
    private readonly Cluster _cluster = new();
    private readonly List<double> _seen = [];
    private readonly MeterListener _listener = new();
    private readonly VisibilityProbe _probe;

    public VisibilityProbeTests()
    {
        _probe = new VisibilityProbe(_cluster.Table, _cluster.Measures, _cluster.Clock);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "floodgate.router.visible_on_all" && instrument.Meter.Name == Measures.MeterName)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((_, seconds, _, _) => _seen.Add(seconds));
        _listener.Start();
        _cluster.Poll(primary: 100, first: 100, second: 100);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _cluster.Dispose();
    }

    [Fact]
    public void A_write_is_visible_on_all_once_the_last_replica_that_answers_shows_it()
    {
        _probe.Wrote(Cluster.At(150));
        Poll(first: 150, second: 100);
        Assert.Empty(_seen);
        Poll(first: 150, second: 150);
        Assert.Equal([0.2], _seen);
    }

    [Fact]
    public void A_dead_replica_is_not_waited_for()
    {
        _cluster.Fail(_cluster.Second);
        _probe.Wrote(Cluster.At(150));
        _cluster.Clock.Advance(TimeSpan.FromMilliseconds(100));
        _cluster.Poll(_cluster.First, 150);
        _probe.Polled();
        Assert.Equal([0.1], _seen);
    }

    [Fact]
    public void What_a_failover_lost_is_not_counted_and_holds_up_nothing()
    {
        _probe.Wrote(Cluster.At(150));
        _cluster.Poll(_cluster.First, takesWrites: true, Cluster.At(120, timeline: 2), "1\t0/64\tno recovery target specified");
        _cluster.Clock.Advance(TimeSpan.FromMilliseconds(100));
        _probe.Wrote(Cluster.At(125, timeline: 2));
        _cluster.Fail(_cluster.Primary);
        _cluster.Poll(_cluster.Second, takesWrites: false, Cluster.At(130, timeline: 2), "");
        _probe.Polled();
        Assert.Single(_seen);
    }

    private void Poll(ulong first, ulong second)
    {
        _cluster.Clock.Advance(TimeSpan.FromMilliseconds(100));
        _cluster.Poll(primary: 150, first, second);
        _probe.Polled();
    }
}
