using System.Diagnostics.Metrics;

namespace Floodgate.TimelineService.Streaming;

/// <summary>What is to be seen of the streams of this process.</summary>
internal sealed class StreamMetrics
{
    private readonly Counter<long> _events;
    private readonly Counter<long> _slow;
    private readonly Histogram<double> _poll;
    private long _sent;
    private long _dropped;

    public StreamMetrics(IMeterFactory meters, StreamSlots slots)
    {
        var meter = meters.Create(TimelineMetrics.Name);
        meter.CreateObservableGauge("floodgate.stream.open", () => slots.Open, "{stream}", "Streams that are open");
        _events = meter.CreateCounter<long>(
            "floodgate.stream.events", "{event}", "Events sent, by kind: ready, post, edit, likes, gone, session, reset, heartbeat");
        _slow = meter.CreateCounter<long>("floodgate.stream.dropped", "{stream}", "Streams whose client did not take an event in time");
        _poll = meter.CreateHistogram<double>("floodgate.stream.poll.duration", "s", "Time to look for news, by outcome: done, failed");
    }

    /// <summary>Events, since the start of this process.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Slow clients, since the start of this process.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    public void EventSent(string kind)
    {
        Interlocked.Increment(ref _sent);
        _events.Add(1, KeyValuePair.Create("kind", (object?)kind));
    }

    public void ClientDropped()
    {
        Interlocked.Increment(ref _dropped);
        _slow.Add(1);
    }

    public void Polled(string outcome, TimeSpan duration) => _poll.Record(duration.TotalSeconds, KeyValuePair.Create("outcome", (object?)outcome));
}
