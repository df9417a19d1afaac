using System.Globalization;

namespace Floodgate.VisibleValues;

/// <summary>
/// Which visible values are believed: those of this run of Redis (a server that was started again may have an older state)
/// and of this epoch of the database (raised when a flush could not tell Redis what it did). While either is not known,
/// nothing in Redis is believed, and nothing is written there. Safe for concurrent use.
/// </summary>
public sealed class VisibleGeneration
{
    private readonly Lock _lock = new();
    private long _epoch;
    private long _losses;

    /// <summary>The generation; null while it is not known.</summary>
    public string? Current { get; private set; }

    /// <summary>The epoch; 0 while it is not known.</summary>
    public long Epoch => Interlocked.Read(ref _epoch);

    /// <summary>The run of Redis; null while it is not known.</summary>
    public string? Run { get; private set; }

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
            _losses++;
            (Run, Current) = (null, null);
        }
    }

    /// <summary>How often the connection was lost; to be taken before the run is asked for.</summary>
    public long Losses => Interlocked.Read(ref _losses);

    /// <summary>Redis said which run it is.</summary>
    /// <param name="run">The run.</param>
    /// <param name="losses"><see cref="Losses"/> as it was before Redis was asked: an answer from before a loss says nothing.</param>
    public void SetRun(string run, long losses)
    {
        lock (_lock)
        {
            if (losses == _losses)
            {
                Run = run;
                Compose();
            }
        }
    }

    /// <summary>The database said which epoch it is. It never falls.</summary>
    public void SetEpoch(long epoch)
    {
        lock (_lock)
        {
            _epoch = Math.Max(_epoch, epoch);
            Compose();
        }
    }

    private void Compose() =>
        Current = Run is null || _epoch == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{_epoch}:{Run}");
}
