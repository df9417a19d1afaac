namespace Floodgate.ReadRouter.Nodes;

/// <summary>A PostgreSQL node: what the polls found out, and how many reads it has under way. One poller writes, any thread reads.</summary>
/// <param name="name">The name that headers and logs use.</param>
/// <param name="isPrimary">Whether it is configured as the primary.</param>
/// <param name="history">Where the primary was when.</param>
/// <param name="options">Limits and hysteresis.</param>
/// <param name="time">The clock.</param>
internal sealed class Node(string name, bool isPrimary, PrimaryHistory history, RouterOptions options, TimeProvider time)
{
    private const double RateSmoothing = 0.3;

    private volatile NodeStatus _status = new();
    private int _inFlight;

    public string Name { get; } = name;

    public bool IsPrimary { get; } = isPrimary;

    public NodeStatus Status => _status;

    /// <summary>Reads under way.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    public void Enter() => Interlocked.Increment(ref _inFlight);

    public void Leave() => Interlocked.Decrement(ref _inFlight);

    /// <summary>Takes in an answer to a poll.</summary>
    /// <returns>What was known before and what is known now.</returns>
    public (NodeStatus Before, NodeStatus After) Polled(in NodeSample sample)
    {
        var before = _status;
        var now = time.GetTimestamp();
        if (IsPrimary && !sample.InRecovery)
            history.Add(sample.Position);

        var (bytes, lag) = sample.InRecovery ? history.LagOf(sample.Position) : (0, TimeSpan.Zero);
        var goodPolls = before.GoodPolls + 1;
        var health = Judge(before, goodPolls, lag);
        var after = new NodeStatus
        {
            Health = health,
            InRecovery = sample.InRecovery,
            Position = sample.Position,
            SystemId = sample.SystemId,
            LagBytes = bytes,
            Lag = lag,
            ReplayRate = RateOf(before, sample),
            PolledAt = sample.AskedAt,
            ReadmittedAt = health == NodeHealth.Healthy && before.Health is NodeHealth.Lagging or NodeHealth.Failed ? now : before.ReadmittedAt,
            GoodPolls = goodPolls,
        };
        _status = after;
        return (before, after);
    }

    /// <summary>Takes in that a poll failed.</summary>
    /// <returns>What was known before and what is known now.</returns>
    public (NodeStatus Before, NodeStatus After) Failed()
    {
        var before = _status;
        var failed = before.FailedPolls + 1;
        var after = before with
        {
            FailedPolls = failed,
            GoodPolls = 0,
            Health = failed >= options.FailedPollsToEject ? NodeHealth.Failed : before.Health,
        };
        _status = after;
        return (before, after);
    }

    /// <summary>How much of its share a node should get: grows from a tenth to all of it while it is fresh from ejection.</summary>
    public double Share()
    {
        var readmittedAt = _status.ReadmittedAt;
        if (readmittedAt == 0 || options.SlowStart == TimeSpan.Zero)
            return 1;
        return Math.Clamp(time.GetElapsedTime(readmittedAt) / options.SlowStart, 0.1, 1);
    }

    // The way out is one limit, the way back is half of it and some good polls: a node at the limit does not flap.
    private NodeHealth Judge(NodeStatus before, int goodPolls, TimeSpan lag)
    {
        var limit = before.Health is NodeHealth.Lagging or NodeHealth.Failed ? options.LagLimit / 2 : options.LagLimit;
        if (lag > limit)
            return NodeHealth.Lagging;
        return before.Health is NodeHealth.Lagging or NodeHealth.Failed && goodPolls < options.GoodPollsToReadmit
            ? before.Health
            : NodeHealth.Healthy;
    }

    private double RateOf(NodeStatus before, in NodeSample sample)
    {
        if (before.PolledAt == 0 || sample.Position.Timeline != before.Position.Timeline)
            return 0;
        var elapsed = time.GetElapsedTime(before.PolledAt, sample.AskedAt).TotalSeconds;
        if (elapsed <= 0)
            return before.ReplayRate;

        // Weighted by the time it covers, as polls on demand are close together.
        var rate = sample.Position.Lsn.BytesPast(before.Position.Lsn) / elapsed;
        var weight = 1 - Math.Pow(1 - RateSmoothing, elapsed / options.PollInterval.TotalSeconds);
        return before.ReplayRate + (weight * (rate - before.ReplayRate));
    }
}
