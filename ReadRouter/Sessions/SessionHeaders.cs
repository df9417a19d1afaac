namespace Floodgate.ReadRouter.Sessions;

/// <summary>The public names under which a session travels and a read says where it was served.</summary>
internal static class SessionHeaders
{
    /// <summary>The session token, in both directions.</summary>
    public const string Session = "Floodgate-Session";

    /// <summary>What the caller asks of a read: <c>eventual</c>, <c>session</c> or <c>strong</c>.</summary>
    public const string Consistency = "Floodgate-Consistency";

    /// <summary>Where a read was served.</summary>
    public const string Node = "Floodgate-Node";

    /// <summary>Why there.</summary>
    public const string Reason = "Floodgate-Reason";

    /// <summary>The same token for browsers.</summary>
    public const string Cookie = "floodgate-session";
}
