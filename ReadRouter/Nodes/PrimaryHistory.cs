using Floodgate.Sessions;

namespace Floodgate.ReadRouter.Nodes;

/// <summary>
/// When the primary was first seen past each position: a ring of samples. A replica's lag in seconds is the time since the primary
/// passed the replica's position, so an idle primary raises no alarm and no heartbeat row is written. LSNs go on after a promotion, so the
/// ring does too, without what the old primary wrote past the switch point.
/// </summary>
/// <param name="time">The clock of the samples.</param>
/// <param name="capacity">How many samples are kept.</param>
/// <param name="reach">How far back they must reach at least.</param>
internal sealed class PrimaryHistory(TimeProvider time, int capacity = 4096, TimeSpan reach = default)
{
    private static readonly TimeSpan SmallestSpacing = TimeSpan.FromMilliseconds(20);

    // Polls on demand come much faster than regular ones; so close together they would only shorten what the ring covers.
    private readonly TimeSpan _spacing = reach / capacity > SmallestSpacing ? reach / capacity : SmallestSpacing;

    private readonly Lock _lock = new();
    private readonly (Lsn Lsn, long At)[] _samples = new (Lsn, long)[capacity];
    private int _next;
    private int _count;
    private uint _timeline;
    private Lsn _latest;
    private long _latestAt;

    /// <summary>The newest position of the primary; <see cref="WalPosition.None"/> before the first sample.</summary>
    public WalPosition Latest
    {
        get
        {
            lock (_lock)
                return new WalPosition(_timeline, _latest);
        }
    }

    /// <summary>Notes where the primary is now.</summary>
    public void Add(WalPosition position)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            if (position.Timeline != _timeline)
            {
                (_timeline, _latest) = (position.Timeline, position.Lsn);
                while (_count > 0 && _samples[Before(_next)].Lsn > position.Lsn)
                    (_next, _count) = (Before(_next), _count - 1);
            }

            (_latest, _latestAt) = (position.Lsn > _latest ? position.Lsn : _latest, now);
            if (_count > 0 && (_samples[Before(_next)].Lsn >= _latest || time.GetElapsedTime(_samples[Before(_next)].At, now) < _spacing))
                return;
            _samples[_next] = (_latest, now);
            _next = (_next + 1) % _samples.Length;
            _count = Math.Min(_count + 1, _samples.Length);
        }
    }

    /// <summary>How far a replica that is at <paramref name="position"/> of the present line of timelines is behind. Seen from the last sample, so it stands still while the primary is away.</summary>
    /// <returns>Bytes and time; both 0 when it is level. Where the ring does not reach back far enough, the time is a lower bound.</returns>
    public (ulong Bytes, TimeSpan Time) LagOf(Lsn position)
    {
        lock (_lock)
        {
            var bytes = _latest.BytesPast(position);
            if (bytes == 0 || _count == 0)
                return (bytes, TimeSpan.Zero);

            // Walk from the newest sample back to the first one past the replica: lagging replicas are rare and the lag is short.
            var passed = _latestAt;
            for (var (index, left) = (Before(_next), _count); left > 0 && _samples[index].Lsn > position; index = Before(index), left--)
                passed = _samples[index].At;
            return (bytes, time.GetElapsedTime(passed, _latestAt));
        }
    }

    private int Before(int index) => index == 0 ? _samples.Length - 1 : index - 1;
}
