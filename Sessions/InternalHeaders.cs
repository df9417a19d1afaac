namespace Floodgate.Sessions;

/// <summary>
/// The headers between the router and the services. The router removes every header that begins with
/// <see cref="Prefix"/> from what comes in and from what goes out.
/// </summary>
public static class InternalHeaders
{
    /// <summary>The prefix that no header from outside may have.</summary>
    public const string Prefix = "Floodgate-Internal-";

    /// <summary>Router to service: the authenticated user's id, in decimal. Absent where nobody is.</summary>
    public const string User = Prefix + "User";

    /// <summary>
    /// Router to service: the node to read from (<c>primary</c>, <c>replica-1</c>). Service to router: the node the
    /// answer was read from, where that is another one.
    /// </summary>
    public const string Node = Prefix + "Node";

    /// <summary>Router to service: the <see cref="WalPosition"/> the read must not be older than. Absent: any.</summary>
    public const string AtLeast = Prefix + "At-Least";

    /// <summary>Router to service: <c>1</c> where no cache may answer, as the caller wants what the node has. Absent otherwise.</summary>
    public const string PastCaches = Prefix + "Past-Caches";

    /// <summary>
    /// Router to service: the timeline of the primary, in decimal. A service that knows only an older one must not write before it has found
    /// the promoted node.
    /// </summary>
    public const string Timeline = Prefix + "Timeline";

    /// <summary>
    /// Service to router: the <see cref="WalPosition"/> of the answer. Of a write: the primary's, taken after COMMIT. Of
    /// a read: the node's, taken after the snapshot, so that nothing in the answer is newer.
    /// </summary>
    public const string Position = Prefix + "Position";

    /// <summary>Service to router: why the service read from another node than it was told to.</summary>
    public const string Reason = Prefix + "Reason";
}
