using Floodgate.Nodes;
using Floodgate.Sessions;

namespace Floodgate.ReadRouter.Nodes;

/// <summary>A PostgreSQL node: what the polls found out, and how many reads it has under way. One poller writes, any thread reads.</summary>
/// <param name="name">The name that headers and logs use.</param>
/// <param name="history">Where the primary was when.</param>
/// <param name="options">Limits and hysteresis.</param>
/// <param name="time">The clock.</param>
internal sealed class Node(string name, PrimaryHistory history, RouterOptions options, TimeProvider time)
{
    private const double RateSmoothing = 0.3;

    private readonly RequestOutcomes _requests = new(options, time);
    private volatile NodeStatus _status = new();
    private int _inFlight;

    public string Name { get; } = name;

    public NodeStatus Status => _status;

    /// <summary>Reads under way.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    public void Enter() => Interlocked.Increment(ref _inFlight);

    public void Leave() => Interlocked.Decrement(ref _inFlight);

    /// <summary>Takes in how a read on this node ended, as the service that read there tells it.</summary>
    /// <returns>What was known before and what is known now; they differ where it gets no more reads for this.</returns>
    public (NodeStatus Before, NodeStatus After) Ended(bool failed)
    {
        var before = _status;
        if (!_requests.Ended(failed) || before.IsOut)
            return (before, before);
        var after = before with { Health = NodeHealth.Failed, GoodPolls = 0 };
        _status = after;
        return (before, after);
    }

    /// <summary>Takes in an answer to a poll.</summary>
    /// <param name="sample">The answer.</param>
    /// <param name="view">Who takes writes.</param>
    /// <returns>What was known before and what is known now.</returns>
    public (NodeStatus Before, NodeStatus After) Polled(in NodeSample sample, ClusterView view)
    {
        var before = _status;
        var now = time.GetTimestamp();
        var node = sample.Node;
        var isPrimary = view.Primary == Name && !node.InRecovery;
        if (isPrimary)
            history.Add(node.Position);

        var isDiverged = IsDiverged(node.InRecovery, node.Position, view);
        var (bytes, lag) = isPrimary || isDiverged ? (0, TimeSpan.Zero) : history.LagOf(node.Position.Lsn);
        var goodPolls = before.GoodPolls + 1;
        var health = isDiverged ? NodeHealth.Diverged : Judge(before, goodPolls, lag);
        var after = new NodeStatus
        {
            Health = health,
            InRecovery = node.InRecovery,
            Position = node.Position,
            Received = node.Received,
            ReplayPaused = node.ReplayPaused,
            Streams = node.Streams,
            SystemId = node.SystemId,
            LagBytes = bytes,
            Lag = lag,
            ReplayRate = RateOf(before, sample),
            PolledAt = sample.AskedAt,
            PollTime = time.GetElapsedTime(sample.AskedAt, now),
            ReadmittedAt = health == NodeHealth.Healthy && before.IsOut ? now : before.ReadmittedAt,
            GoodPolls = isDiverged ? 0 : goodPolls,
        };
        _status = after;
        return (before, after);
    }

    /// <summary>Takes in that another node takes writes, or that the primary is on another timeline.</summary>
    public void Judged(ClusterView view)
    {
        var known = _status;
        if (known.PolledAt != 0 && IsDiverged(known.InRecovery, known.Position, view))
            _status = known with { Health = NodeHealth.Diverged, GoodPolls = 0 };
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

    private bool IsDiverged(bool inRecovery, WalPosition position, ClusterView view) =>
        (!inRecovery && view.Primary != Name) || view.History.Judge(position) == Standing.Lost;

    // The way out is one limit, the way back is half of it and some good polls: a node at the limit does not flap.
    private NodeHealth Judge(NodeStatus before, int goodPolls, TimeSpan lag)
    {
        if (_requests.IsEjected)
            return NodeHealth.Failed;
        if (lag > (before.IsOut ? options.LagLimit / 2 : options.LagLimit))
            return NodeHealth.Lagging;
        if (!before.IsOut)
            return NodeHealth.Healthy;
        return goodPolls >= options.GoodPollsToReadmit ? NodeHealth.Healthy
            : before.Health == NodeHealth.Diverged ? NodeHealth.Lagging
            : before.Health;
    }

    private double RateOf(NodeStatus before, in NodeSample sample)
    {
        var position = sample.Node.Position;
        if (before.PolledAt == 0 || position.Timeline != before.Position.Timeline)
            return 0;
        var elapsed = time.GetElapsedTime(before.PolledAt, sample.AskedAt).TotalSeconds;
        if (elapsed <= 0)
            return before.ReplayRate;

        // Weighted by the time it covers, as polls on demand are close together.
        var rate = position.Lsn.BytesPast(before.Position.Lsn) / elapsed;
        var weight = 1 - Math.Pow(1 - RateSmoothing, elapsed / options.PollInterval.TotalSeconds);
        return before.ReplayRate + (weight * (rate - before.ReplayRate));
    }
}
