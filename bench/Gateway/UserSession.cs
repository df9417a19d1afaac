namespace Floodgate.Bench.Gateway;

/// <summary>
/// A user's session as a browser would hold it: who it is, and how far it has read. Used by one call at a time.
/// </summary>
internal sealed class UserSession(long user)
{
    /// <summary>The user's id.</summary>
    public long User => user;

    /// <summary>The header with the bearer token, or null before <c>POST /dev/token</c>.</summary>
    public string? Authorization { get; set; }

    /// <summary>When the bearer token was given, as a timestamp of the clock.</summary>
    public long AuthorizedAt { get; set; }

    /// <summary>The last <c>Floodgate-Session</c> the gateway gave, or null.</summary>
    public string? Token { get; set; }

    /// <summary>A post this session has liked, with acknowledgement; 0 if none.</summary>
    public long LikedPost { get; set; }
}
