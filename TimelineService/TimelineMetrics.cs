using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Floodgate.TimelineService;

/// <summary>The spans and metrics of this service, both named <c>Floodgate.Timelines</c>.</summary>
internal sealed class TimelineMetrics : IDisposable
{
    public const string Name = "Floodgate.Timelines";

    public static readonly ActivitySource Source = new(Name);

    private readonly Meter _meter;
    private readonly Counter<long> _posts;
    private readonly Counter<long> _pushes;
    private readonly Counter<long> _jobs;
    private readonly Counter<long> _pages;
    private readonly Counter<long> _degraded;
    private readonly Counter<long> _likes;
    private readonly Histogram<double> _chunk;
    private readonly Histogram<double> _rebuild;
    private readonly Histogram<double> _outboxAge;
    private readonly Counter<long> _pending;
    private readonly Histogram<double> _pendingDelay;
    private long _pendingDepth;
    private long _pendingPublished;
    private double _pendingAge;
    private readonly Counter<long> _routed;
    private double _behind;
    private long _threshold;
    private long _openRanges;
    private long _ranges;
    private long _pushed;
    private long _rebuilt;

    public TimelineMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(Name);
        _posts = _meter.CreateCounter<long>("floodgate.posts", "{post}", "Posts written");
        _pushes = _meter.CreateCounter<long>("floodgate.timeline.pushes", "{entry}", "Posts put into a home timeline by fan-out");
        _jobs = _meter.CreateCounter<long>("floodgate.fanout.jobs", "{job}", "Fan-out jobs by outcome: done, retried, parked, lost");
        _pages = _meter.CreateCounter<long>("floodgate.timeline.pages", "{page}", "Home timeline pages by source: redis, sql, both");
        _degraded = _meter.CreateCounter<long>("floodgate.timeline.degraded", "{page}", "Pages without a server they wanted: redis, likes");
        _likes = _meter.CreateCounter<long>("floodgate.timeline.likes", "{post}", "Posts whose likes were wanted, by where they were: redis, or counter (CounterService was wanted for them)");
        _chunk = _meter.CreateHistogram<double>("floodgate.fanout.chunk.duration", "s", "Time to push one chunk of followers");
        _rebuild = _meter.CreateHistogram<double>("floodgate.timeline.rebuild.duration", "s", "Time to rebuild a home timeline, by outcome");
        _outboxAge = _meter.CreateHistogram<double>("floodgate.outbox.age", "s", "Age of an outbox row when it was published");
        _routed = _meter.CreateCounter<long>("floodgate.fanout.posts", "{post}", "Posts by the way they travel: pushed, pulled (merged when read), shed (merged, as fan-out is behind)");
        _meter.CreateObservableGauge("floodgate.fanout.lag", () => Behind, "s", "For how long posts wait before fan-out gets to them");
        _meter.CreateObservableGauge("floodgate.fanout.threshold", () => Threshold, "{user}", "From how many followers on posts are merged when read now");
        _meter.CreateObservableGauge("floodgate.fanout.pull_ranges", () => OpenRanges, "{range}", "Authors whose posts are merged when read");
        _pending = _meter.CreateCounter<long>(
            "floodgate.posts.pending", "{post}", "Posts taken while the primary is away, by step: queued, unconfirmed, published, repeated, refused");
        _pendingDelay = _meter.CreateHistogram<double>("floodgate.posts.pending.delay", "s", "Time from accepting a pending post to its publication");
        _meter.CreateObservableGauge("floodgate.posts.pending.depth", () => PendingDepth, "{post}", "Posts that wait for the primary");
        _meter.CreateObservableGauge("floodgate.posts.pending.age", () => Volatile.Read(ref _pendingAge), "s", "For how long posts have been waiting");
    }

    /// <summary>Since the start of this process.</summary>
    public long Pushed => Volatile.Read(ref _pushed);

    /// <summary>Since the start of this process.</summary>
    public long Rebuilt => Volatile.Read(ref _rebuilt);

    /// <summary>For how long posts waited for fan-out when it was last looked, in seconds.</summary>
    public double Behind => Volatile.Read(ref _behind);

    /// <summary>From how many followers on posts were merged when it was last looked; 0: not looked yet.</summary>
    public long Threshold => Volatile.Read(ref _threshold);

    /// <summary>Open pull ranges, when it was last looked.</summary>
    public long OpenRanges => Volatile.Read(ref _openRanges);

    /// <summary>Pull ranges, also those of which the posts are being pushed, when it was last looked.</summary>
    public long AllRanges => Volatile.Read(ref _ranges);

    public void FanOutBehind(TimeSpan behind, int threshold)
    {
        Volatile.Write(ref _behind, behind.TotalSeconds);
        Volatile.Write(ref _threshold, threshold);
    }

    public void PullRanges(long open, long all)
    {
        Volatile.Write(ref _openRanges, open);
        Volatile.Write(ref _ranges, all);
    }

    public void PostRouted(string way) => _routed.Add(1, KeyValuePair.Create("way", (object?)way));

    public void PostWritten() => _posts.Add(1);

    public void ChunkDone(int pushed, TimeSpan duration)
    {
        Interlocked.Add(ref _pushed, pushed);
        _pushes.Add(pushed);
        _chunk.Record(duration.TotalSeconds);
        JobEnded("done");
    }

    public void JobEnded(string outcome) => JobsEnded(1, outcome);

    /// <summary>Jobs that were open and are nowhere.</summary>
    public void JobsLost(long count) => JobsEnded(count, "lost");

    private void JobsEnded(long count, string outcome) => _jobs.Add(count, KeyValuePair.Create("outcome", (object?)outcome));

    public void PageServed(string source) => _pages.Add(1, KeyValuePair.Create("source", (object?)source));

    public void Degraded(string without) => _degraded.Add(1, KeyValuePair.Create("without", (object?)without));

    /// <summary>Posts whose likes were wanted.</summary>
    /// <param name="shown">Of how many Redis showed them.</param>
    /// <param name="asked">For how many CounterService was wanted.</param>
    public void LikesWanted(int shown, int asked)
    {
        if (shown > 0)
        {
            _likes.Add(shown, KeyValuePair.Create("source", (object?)"redis"));
        }

        if (asked > 0)
        {
            _likes.Add(asked, KeyValuePair.Create("source", (object?)"counter"));
        }
    }

    public void RebuildEnded(string outcome, TimeSpan duration)
    {
        Interlocked.Increment(ref _rebuilt);
        _rebuild.Record(duration.TotalSeconds, KeyValuePair.Create("outcome", (object?)outcome));
    }

    public void Published(TimeSpan age) => _outboxAge.Record(Math.Max(0, age.TotalSeconds));

    /// <summary>How many posts waited for the primary when the broker was last asked.</summary>
    public long PendingDepth => Volatile.Read(ref _pendingDepth);

    /// <summary>Pending posts that this process published.</summary>
    public long PendingPublished => Volatile.Read(ref _pendingPublished);

    public void PendingPost(string step) => _pending.Add(1, KeyValuePair.Create("step", (object?)step));

    public void PendingPostPublished(TimeSpan delay, bool repeated)
    {
        Interlocked.Increment(ref _pendingPublished);
        PendingPost(repeated ? "repeated" : "published");
        _pendingDelay.Record(Math.Max(0, delay.TotalSeconds));
    }

    public void PendingWaits(long depth, TimeSpan age)
    {
        Volatile.Write(ref _pendingDepth, depth);
        Volatile.Write(ref _pendingAge, age.TotalSeconds);
    }

    public void Dispose() => _meter.Dispose();
}
