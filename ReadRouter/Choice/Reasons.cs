namespace Floodgate.ReadRouter.Choice;

/// <summary>Why a read went where it went, as said in <c>Floodgate-Reason</c> and in the metrics.</summary>
internal static class Reasons
{
    /// <summary>A replica that has what the session has seen.</summary>
    public const string CaughtUp = "caught-up";

    /// <summary>The same, after waiting for it.</summary>
    public const string Waited = "waited";

    /// <summary>The primary: no replica has it yet and none would soon.</summary>
    public const string ReplicasBehind = "replicas-behind";

    /// <summary>The primary: there is no replica that takes reads.</summary>
    public const string NoReplica = "no-replica";

    /// <summary>The primary: the caller asked for it.</summary>
    public const string Strong = "strong";

    /// <summary>Any replica: the caller asked for no more.</summary>
    public const string Eventual = "eventual";

    /// <summary>A replica past the lag limit, as nothing better is left and the caller asked for no more.</summary>
    public const string Stale = "stale";

    /// <summary>The primary, which has not reached the session's position: a write of the session may be lost.</summary>
    public const string WriteMayBeLost = "write-may-be-lost";

    /// <summary>Redis, which holds the newest value that callers were shown.</summary>
    public const string VisibleValue = "visible-value";

    /// <summary>No node can serve this read.</summary>
    public const string None = "none";
}
