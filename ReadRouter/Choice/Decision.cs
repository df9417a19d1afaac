using System.Collections.Concurrent;

namespace Floodgate.ReadRouter.Choice;

/// <summary>A read that did not simply go to a replica that was far enough.</summary>
/// <param name="At">When it was decided.</param>
/// <param name="Route">Method and path of the route.</param>
/// <param name="Consistency">What the caller asked for.</param>
/// <param name="Node">Where it went; <c>none</c> where it was refused.</param>
/// <param name="Reason">One of <see cref="Reasons"/>.</param>
/// <param name="WaitedMs">How long it waited for a node, in milliseconds.</param>
internal sealed record Decision(DateTimeOffset At, string Route, string Consistency, string Node, string Reason, double WaitedMs);

/// <summary>The last decisions that somebody might ask about, for <c>/status</c>. Safe for concurrent use.</summary>
internal sealed class LastDecisions(TimeProvider time)
{
    private const int Kept = 50;

    private readonly ConcurrentQueue<Decision> _decisions = new();

    /// <summary>The decisions, the newest first.</summary>
    public IEnumerable<Decision> Newest => _decisions.Reverse();

    /// <summary>Keeps a decision, unless it is the usual one.</summary>
    public void Note(string route, Consistency consistency, in NodeChoice choice, TimeSpan waited)
    {
        if (choice.Reason is Reasons.CaughtUp or Reasons.Eventual or Reasons.Waited)
            return;
        _decisions.Enqueue(new Decision(
            time.GetUtcNow(), route, consistency.ToString().ToLowerInvariant(), choice.Node, choice.Reason, Math.Round(waited.TotalMilliseconds, 1)));
        while (_decisions.Count > Kept)
            _decisions.TryDequeue(out _);
    }
}
