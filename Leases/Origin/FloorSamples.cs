using Floodgate.Sessions;

namespace Floodgate.Leases.Origin;

/// <summary>
/// Positions of the primary over time. The base is one that is younger than floors live, so that every write before it has its floor still, or else the
/// oldest there is. While the primary does not answer it stays: nothing is written then.
/// </summary>
internal sealed class FloorSamples(TimeSpan floorLifetime, TimeProvider time)
{
    private const int Most = 16;

    private readonly Lock _lock = new();
    private readonly Queue<(long At, WalPosition Position)> _samples = new();
    private readonly TimeSpan _spacing = floorLifetime / Most;
    private readonly TimeSpan _oldest = floorLifetime * 3 / 4;
    private (long At, WalPosition Position)? _base;
    private long _lastAt;
    private long _losses;

    /// <summary>How often everything was forgotten; to be taken before the primary is asked.</summary>
    public long Losses => Interlocked.Read(ref _losses);

    /// <summary>Whether no position is known.</summary>
    public bool IsEmpty => Base is null;

    /// <summary>The position that a snapshot must have; null where none is known.</summary>
    public WalPosition? Base
    {
        get
        {
            lock (_lock)
            {
                return _base?.Position;
            }
        }
    }

    /// <summary>Redis may have lost floors: only what is asked for from now on counts.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            Interlocked.Increment(ref _losses);
            _samples.Clear();
            _base = null;
        }
    }

    /// <summary>Adds what the primary answered.</summary>
    /// <param name="position">Its position.</param>
    /// <param name="losses"><see cref="Losses"/> as it was before the primary was asked.</param>
    public void Add(WalPosition position, long losses)
    {
        lock (_lock)
        {
            if (losses != _losses)
            {
                return;
            }

            var now = time.GetTimestamp();
            if (_base is null)
            {
                _base = (now, position);
                _lastAt = now;
                return;
            }

            if (time.GetElapsedTime(_lastAt, now) >= _spacing)
            {
                _samples.Enqueue((now, position));
                _lastAt = now;
            }

            while (time.GetElapsedTime(_base.Value.At, now) >= _oldest && _samples.TryDequeue(out var next))
            {
                _base = next;
            }
        }
    }
}
