namespace Floodgate.FlushWorker.Consuming;

/// <summary>
/// How far a batch is, and how much of it to try next: all of it at first, less after a timeout, and half of it after half
/// of it, once one of its messages is known to fail, until that one is found. What comes before it is applied meanwhile,
/// so the order stays.
/// </summary>
/// <param name="count">How many messages there are.</param>
/// <param name="limit">How many to try at once: what the last timeouts taught.</param>
internal sealed class BatchProgress(int count, int limit)
{
    // Before this position, and not before Position, is a message that fails.
    private int _suspects;

    /// <summary>How many are done.</summary>
    public int Position { get; private set; }

    /// <summary>How many to try at once; grows again with each success.</summary>
    public int Limit { get; private set; } = Math.Max(1, limit);

    /// <summary>Whether all are done.</summary>
    public bool IsDone => Position >= count;

    /// <summary>How many to try now, from <see cref="Position"/> on.</summary>
    public int Next => Math.Min(Limit, _suspects > Position ? Math.Max(1, (_suspects - Position) / 2) : count - Position);

    /// <summary>They are applied, or put aside.</summary>
    public void Done(int messages)
    {
        Position += messages;
        Limit = (int)Math.Min(int.MaxValue, Limit * 2L);
    }

    /// <summary>One of them is to blame.</summary>
    public void Failed(int messages) => _suspects = Position + messages;

    /// <summary>They took too long.</summary>
    public void TimedOut(int messages) => Limit = Math.Max(1, messages / 2);
}
