namespace Floodgate.ReadRouter.Choice;

/// <summary>Why a read went where it went, as said in <c>Floodgate-Reason</c> and in the metrics.</summary>
internal static class Reasons
{
    /// <summary>A replica that has what the session has seen.</summary>
    public const string CaughtUp = "caught-up";

    /// <summary>The same, after waiting for it.</summary>
    public const string Waited = "waited";

    /// <summary>A replica that has what the session has seen; the primary is away, so nobody knows what is newer.</summary>
    public const string PrimaryAway = "primary-away";

    /// <summary>The primary: the session has written within the window.</summary>
    public const string WrittenLately = "written-lately";

    /// <summary>A replica: the session has not written within the window.</summary>
    public const string OutsideWindow = "outside-window";

    /// <summary>A replica that lags by less than the session's last write is ago.</summary>
    public const string LagIsShort = "lag-is-short";

    /// <summary>The primary: the route is configured so.</summary>
    public const string Policy = "policy";

    /// <summary>The primary: no replica has it yet and none would soon.</summary>
    public const string ReplicasBehind = "replicas-behind";

    /// <summary>The primary: there is no replica that takes reads.</summary>
    public const string NoReplica = "no-replica";

    /// <summary>The primary: the caller asked for it.</summary>
    public const string Strong = "strong";

    /// <summary>Any replica: the caller asked for no more.</summary>
    public const string Eventual = "eventual";

    /// <summary>A replica that may lack what the session has seen: nothing better is left, and the caller or the route takes it.</summary>
    public const string Stale = "stale";

    /// <summary>A failover lost what the session has seen last: a write of it may be lost. It goes on from what is there.</summary>
    public const string WriteMayBeLost = "write-may-be-lost";

    /// <summary>Redis, which holds the newest value that callers were shown.</summary>
    public const string VisibleValue = "visible-value";

    /// <summary>No replica can serve this read, and the primary has taken over as many as it may.</summary>
    public const string SpillOverCap = "spill-over-cap";

    /// <summary>No node can serve this read.</summary>
    public const string None = "none";
}
