using System.Globalization;

namespace Floodgate.Redis;

/// <summary>
/// What in Redis is believed: what was written in this run of Redis (a server that was started again may have an older state)
/// and in this epoch of the database (raised when a change could not be told to Redis). While either is not known, nothing in
/// Redis is believed, and nothing is written there. Safe for concurrent use.
/// </summary>
/// <remarks>
/// After a loss of the connection both are asked for anew, as somebody may have raised the epoch because of the same trouble.
/// Where the primary does not answer either, the last known epoch stays in use: it cannot have been raised for long, as that
/// takes the primary, and without it there is nowhere to read instead.
/// </remarks>
/// <param name="time">The clock.</param>
public sealed class RedisGeneration(TimeProvider time)
{
    /// <summary>How long after a loss the answer of the primary is waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private volatile string? _current;
    private volatile string? _run;
    private string? _lastRun;
    private long _epoch;
    private long _losses;
    private long _changes;
    private long _evicted;
    private long _lostAt;

    // As of which loss the epoch is known: what was asked for before a loss says nothing about the time after it.
    private long _epochLosses;
    private long? _epochAskedAt;

    /// <summary>The generation; null while it is not known.</summary>
    public string? Current => _current ?? WithLastEpoch();

    /// <summary>The epoch that was last heard of; 0 while none was.</summary>
    public long Epoch => Interlocked.Read(ref _epoch);

    /// <summary>The run of Redis; null while it is not known.</summary>
    public string? Run => _run;

    /// <summary>
    /// How often Redis turned out to be another run than before. Never falls. It has risen by the time <see cref="Current"/>
    /// is of the new run: what a process took from Redis before is to be forgotten when it rises. A raised epoch does not count.
    /// </summary>
    public long Changes => Interlocked.Read(ref _changes);

    /// <summary>How many keys this run of Redis has evicted, as it said last; 0 while it has not. Falls with a new run.</summary>
    public long Evicted => Interlocked.Read(ref _evicted);

    /// <summary>How often the connection was lost; to be taken before the run or the epoch is asked for.</summary>
    public long Losses => Interlocked.Read(ref _losses);

    /// <summary>Whether an answer of the primary is what the generation waits for, or will wait for.</summary>
    public bool IsEpochAwaited
    {
        get
        {
            lock (_lock)
            {
                return _epoch == 0 || (_epochLosses != _losses && !IsPatienceOver());
            }
        }
    }

    /// <summary>
    /// Whether the primary was asked for the epoch, and has answered, within <see cref="GenerationWatch.BelievedFor"/>. Somebody who raises it and then waits
    /// that long knows that nobody who asks this first believes anything older.
    /// </summary>
    public bool IsEpochFresh
    {
        get
        {
            lock (_lock)
            {
                return _epochAskedAt is { } asked && time.GetElapsedTime(asked) <= GenerationWatch.BelievedFor;
            }
        }
    }

    /// <summary>
    /// Whether what was written under a generation is believed by somebody who knows of another: if it is of the same run and
    /// of no older epoch, as processes hear of a new epoch one after the other.
    /// </summary>
    public static bool Believes(string? theirs, string mine)
    {
        ArgumentNullException.ThrowIfNull(mine);
        if (theirs is null || theirs == mine)
        {
            return theirs is not null;
        }

        var (end, theirEnd) = (mine.IndexOf(':', StringComparison.Ordinal), theirs.IndexOf(':', StringComparison.Ordinal));
        return end > 0 && theirEnd > 0 && mine.AsSpan(end).SequenceEqual(theirs.AsSpan(theirEnd))
            && long.TryParse(mine.AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
            && long.TryParse(theirs.AsSpan(0, theirEnd), NumberStyles.None, CultureInfo.InvariantCulture, out var theirEpoch)
            && theirEpoch > epoch;
    }

    /// <summary>The connection was lost: nobody knows which run of Redis the next one leads to.</summary>
    public void LoseRun()
    {
        lock (_lock)
        {
            _lostAt = time.GetTimestamp();
            Interlocked.Increment(ref _losses);
            (_run, _current) = (null, null);
        }
    }

    /// <summary>Redis said which run it is.</summary>
    /// <param name="run">The run.</param>
    /// <param name="losses"><see cref="Losses"/> as it was before Redis was asked: an answer from before a loss says nothing.</param>
    /// <param name="evicted">How many keys it has evicted.</param>
    public void SetRun(string run, long losses, long evicted = 0)
    {
        lock (_lock)
        {
            if (losses != _losses)
            {
                return;
            }

            if (_lastRun is not null && _lastRun != run)
            {
                Interlocked.Increment(ref _changes);
            }

            Interlocked.Exchange(ref _evicted, evicted);
            (_run, _lastRun) = (run, run);
            Compose();
        }
    }

    /// <summary>The database said which epoch it is. It never falls.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="losses"><see cref="Losses"/> as it was before the database was asked.</param>
    /// <param name="askedAt">When it was asked, as a timestamp of the clock; null: just now.</param>
    public void SetEpoch(long epoch, long losses, long? askedAt = null)
    {
        var asked = askedAt ?? time.GetTimestamp();
        lock (_lock)
        {
            Interlocked.Exchange(ref _epoch, Math.Max(_epoch, epoch));
            _epochLosses = Math.Max(_epochLosses, losses);
            _epochAskedAt = Math.Max(_epochAskedAt ?? asked, asked);
            Compose();
        }
    }

    // The primary did not answer in time.
    private string? WithLastEpoch()
    {
        if (_run is null || Epoch == 0)
        {
            return null;
        }

        lock (_lock)
        {
            Compose();
            return _current;
        }
    }

    private bool IsPatienceOver() => time.GetElapsedTime(_lostAt) >= Patience;

    private void Compose() =>
        _current = _run is not null && _epoch != 0 && (_epochLosses == _losses || IsPatienceOver())
            ? string.Create(CultureInfo.InvariantCulture, $"{_epoch}:{_run}")
            : null;
}
