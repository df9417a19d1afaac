namespace Floodgate.ReadRouter.Alerts;

/// <summary>What people should look at. Each is a line in the log, a metric, a part of <c>/health</c> and of <c>/status</c>.</summary>
internal enum Alert
{
    /// <summary>A replica lags by more than <see cref="RouterOptions.LagAlert"/>.</summary>
    Lag,

    /// <summary>There are replicas, and none of them gets reads.</summary>
    AllReplicasOut,

    /// <summary>No node takes writes.</summary>
    PrimaryAway,

    /// <summary>The primary has taken over as many reads as it may, and others were refused or stale.</summary>
    SpillOverCap,

    /// <summary>The primary is on another timeline than before: a failover.</summary>
    TimelineChanged,

    /// <summary>Reads waited for a replica as long as they may, in vain.</summary>
    TokenTimeouts,

    /// <summary>The router did not read back what it wrote, or read something older than before.</summary>
    CanaryViolation,

    /// <summary>An instance of TimelineService found a home timeline that differs from plain SQL.</summary>
    TimelineDifference,
}
