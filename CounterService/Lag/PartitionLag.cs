using Floodgate.CounterService.Hosting;

namespace Floodgate.CounterService.Lag;

/// <summary>
/// How far the flush of one partition is behind, and what that means for writes: first they are gathered longer, then they
/// are refused. Times count beyond <c>FlushInterval</c>, which every envelope waits anyway.
/// </summary>
internal sealed class PartitionLag(CounterOptions options, TimeProvider time)
{
    // Of everything that is longer, it says enough that it is this long.
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private static readonly TimeSpan RateMemory = TimeSpan.FromSeconds(10);

    // A rate says nothing before: the first batch of a FlushWorker that has just started holds what it got until then, however much waits.
    private static readonly TimeSpan RateKnownAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PassInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LeastWindow = TimeSpan.FromMilliseconds(1);

    // Writes flow again once it is this much better.
    private const double Recovered = 0.8;

    private readonly long _start = time.GetTimestamp();
    private long _drainedAt;
    private long _drained;
    private double? _rate;
    private TimeSpan _measured;
    private long _window = options.CoalesceWindow.Ticks;
    private long _timeToDrain;
    private long _passedAt;
    private volatile bool _isRefusing;

    /// <summary>What is confirmed.</summary>
    public EnvelopeBook Book { get; } = new();

    /// <summary>Envelopes that the ledger does not have yet.</summary>
    public long Backlog { get; private set; }

    /// <summary>The age of the oldest of them.</summary>
    public TimeSpan Age { get; private set; }

    /// <summary>How long it takes until the ledger has them: as long as the oldest has waited, and as the drain needs for all.</summary>
    public TimeSpan TimeToDrain => TimeSpan.FromTicks(Interlocked.Read(ref _timeToDrain));

    /// <summary>For how long writes are gathered.</summary>
    public TimeSpan Window => TimeSpan.FromTicks(Interlocked.Read(ref _window));

    /// <summary>Whether they are gathered longer than is set.</summary>
    public bool IsWidened => Window > options.CoalesceWindow;

    /// <summary>Whether writes are refused.</summary>
    public bool IsRefusing => _isRefusing;

    /// <summary>When a refused caller should come back: when the lag will have passed, 1 s to 1 minute.</summary>
    public TimeSpan RetryAfter =>
        TimeSpan.FromTicks(Math.Clamp((TimeToDrain - (RefuseAbove * Recovered)).Ticks, PassInterval.Ticks, LongestRetry.Ticks));

    private TimeSpan RefuseAbove => options.RefuseAbove + options.FlushInterval;

    private TimeSpan WidenAbove => options.WidenAbove + options.FlushInterval;

    /// <summary>Whether a write would be refused now; asking changes nothing.</summary>
    public bool WouldRefuse => _isRefusing && time.GetElapsedTime(Interlocked.Read(ref _passedAt)) < PassInterval;

    /// <summary>
    /// Whether to refuse a write. One a second is let through, as an envelope that will never come (somebody emptied the
    /// queue) is only told from one that is late when a later one is applied.
    /// </summary>
    public bool Refuses()
    {
        if (WouldRefuse)
        {
            return true;
        }

        if (!_isRefusing)
        {
            return false;
        }

        var passedAt = Interlocked.Read(ref _passedAt);
        return Interlocked.CompareExchange(ref _passedAt, time.GetTimestamp(), passedAt) != passedAt;
    }

    /// <summary>Looks at the book again; one caller at a time.</summary>
    public void Update()
    {
        var now = time.GetTimestamp();
        var open = Book.Measure();
        Age = open.OldestSentAt is { } oldest ? Least(time.GetElapsedTime(oldest, now), Longest) : TimeSpan.Zero;
        Backlog = open.Envelopes;
        Learn(open.Confirmed - open.Envelopes, now);
        var drain = _rate is { } rate && _measured >= RateKnownAfter ? TimeSpan.FromSeconds(Math.Min(Backlog / rate, Longest.TotalSeconds)) : TimeSpan.Zero;
        var timeToDrain = Backlog == 0 ? TimeSpan.Zero : Age > drain ? Age : drain;
        Interlocked.Exchange(ref _timeToDrain, timeToDrain.Ticks);
        Interlocked.Exchange(ref _window, WindowAt(timeToDrain).Ticks);
        var refuses = timeToDrain > (_isRefusing ? RefuseAbove * Recovered : RefuseAbove);
        if (refuses && !_isRefusing)
        {
            Interlocked.Exchange(ref _passedAt, now);
        }

        _isRefusing = refuses;
    }

    // How fast the flush is says something only while it has more than it can do; how fast it is while it stands still
    // says nothing about how fast it will be.
    private void Learn(long drained, long now)
    {
        var stillness = options.FlushInterval * 2 > PassInterval ? options.FlushInterval * 2 : PassInterval;
        var since = Least(time.GetElapsedTime(_drainedAt == 0 ? _start : _drainedAt, now), stillness);
        var advanced = drained - _drained;
        if (advanced <= 0 || since <= TimeSpan.Zero)
        {
            return;
        }

        (_drained, _drainedAt) = (drained, now);
        if (Age <= options.FlushInterval + (options.WidenAbove / 2))
        {
            (_rate, _measured) = (null, TimeSpan.Zero);
            return;
        }

        // The mean at first, and then what came last counts most.
        _measured += since;
        var sample = advanced / since.TotalSeconds;
        var weight = Math.Max(1 - Math.Exp(-since / RateMemory), since / _measured);
        _rate = (_rate ?? 0) + ((sample - (_rate ?? 0)) * weight);
    }

    private TimeSpan WindowAt(TimeSpan timeToDrain)
    {
        var normal = options.CoalesceWindow;
        if (timeToDrain <= WidenAbove)
        {
            return normal;
        }

        var wide = Least((normal > LeastWindow ? normal : LeastWindow) * (timeToDrain / WidenAbove), options.LongestWindow);
        return wide > normal ? wide : normal;
    }

    private static TimeSpan Least(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
