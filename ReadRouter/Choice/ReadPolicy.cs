namespace Floodgate.ReadRouter.Choice;

/// <summary>How the reads of a route choose their node, where the caller asks for no more and no less.</summary>
public enum ReadPolicy
{
    /// <summary>
    /// A replica at or past what the session has seen. Read-your-writes and monotonic reads, by position. The default.
    /// </summary>
    Lsn,

    /// <summary>
    /// The primary for some time after a write of the session, then any replica that lags by less. Read-your-writes by the clock; reads of
    /// different replicas may go back in time.
    /// </summary>
    Window,

    /// <summary>
    /// A replica that lags by less than the time since the session's last write, else the primary. Read-your-writes by the clock; reads of
    /// different replicas may go back in time.
    /// </summary>
    Lag,

    /// <summary>Any replica. No promise.</summary>
    Eventual,

    /// <summary>The primary. The newest there is.</summary>
    Primary,
}
