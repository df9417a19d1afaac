using Floodgate.ReadRouter.Choice;
using Floodgate.ReadRouter.Routing;
using Floodgate.ReadRouter.Sessions;

namespace Floodgate.ReadRouter.Forwarding;

/// <summary>One try to have a service answer a request.</summary>
/// <param name="Route">What is asked for.</param>
/// <param name="Session">What the session has seen.</param>
/// <param name="Choice">Where to read; null for a write.</param>
/// <param name="MayRetry">Whether a 503 of the service is kept from the caller, so that another node can be tried.</param>
internal sealed record Attempt(PublicRoute Route, SeenState Session, NodeChoice? Choice, bool MayRetry)
{
    /// <summary>Whether no cache of the service may answer.</summary>
    public bool PastCaches { get; init; }

    /// <summary>What happens once the answer's headers are there and go on to the caller; null for nothing.</summary>
    public Action? OnBegin { get; set; }

    /// <summary>Whether the service answered 503 and the caller has not been told.</summary>
    public bool Withheld { get; set; }

    /// <summary>
    /// Whether the answer is no news to the session. By <see cref="ReadPolicy.Window"/> and <see cref="ReadPolicy.Lag"/> a session's token tells when
    /// it wrote last, so that reads must not renew it.
    /// </summary>
    public bool KeepsToken { get; init; }

    /// <summary>The node that the service says it read from, where that was not the one it was told; else null.</summary>
    public string? ReadFrom { get; set; }

    /// <summary>Why it was another; else null.</summary>
    public string? ReadFromReason { get; set; }
}

/// <summary>How an attempt ended.</summary>
internal enum AttemptEnd
{
    /// <summary>The caller has its answer, or is gone.</summary>
    Answered,

    /// <summary>No connection, or it broke before the answer began.</summary>
    Unreachable,

    /// <summary>The service answered 503 and the caller has not been told.</summary>
    Refused,

    /// <summary>The time is up.</summary>
    TimedOut,

    /// <summary>The caller's body could not be read.</summary>
    BadBody,

    /// <summary>The service has no instance.</summary>
    NoInstance,
}
