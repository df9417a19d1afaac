using Floodgate.Sessions;

namespace Floodgate.ReadRouter.Canaries;

/// <summary>
/// A session with one register, judged as any other must be served: it never reads less than it has written or read. What a failover lost is
/// taken back, as its sessions are told.
/// </summary>
internal sealed class CanarySession
{
    private long _mustSee;

    /// <summary>What it has seen.</summary>
    public WalPosition Position { get; private set; }

    /// <summary>The next value to write: always larger than any before, also one whose outcome is not known.</summary>
    public long Next { get; private set; } = 1;

    /// <summary>Notes that a write was begun.</summary>
    public void Writes() => Next++;

    /// <summary>Notes that it was acknowledged.</summary>
    public void Wrote(long value, WalPosition position, TimelineHistory timelines)
    {
        _mustSee = Math.Max(_mustSee, value);
        Position = timelines.Furthest(Position, position);
    }

    /// <summary>Judges a read.</summary>
    /// <param name="value">What was read; null where there was no row.</param>
    /// <param name="position">Where it was read.</param>
    /// <param name="mayBeLost">Whether the read was labelled so, or the session has seen what a failover lost.</param>
    /// <param name="timelines">The line that positions are judged by.</param>
    /// <returns>The outcome, as metrics name it.</returns>
    public string Read(long? value, WalPosition position, bool mayBeLost, TimelineHistory timelines)
    {
        var outcome = mayBeLost ? CanaryOutcome.Lost : (value ?? 0) < _mustSee ? CanaryOutcome.Violation : CanaryOutcome.Good;
        _mustSee = outcome == CanaryOutcome.Good ? Math.Max(_mustSee, value ?? 0) : value ?? 0;
        Position = mayBeLost ? position : timelines.Furthest(Position, position);
        return outcome;
    }
}

/// <summary>How a read of the canary ended.</summary>
internal static class CanaryOutcome
{
    public const string Good = "good";
    public const string Violation = "violation";
    public const string Lost = "lost";
    public const string Unavailable = "unavailable";
}
