using Floodgate.ReadRouter.Nodes;
using Floodgate.Sessions;
using Microsoft.Extensions.Options;
using SessionOptions = Floodgate.Sessions.SessionOptions;

namespace Floodgate.ReadRouter.Sessions;

/// <summary>Reads what a session has seen from its request, and tells it in the answer what it has seen now.</summary>
internal sealed class SessionKeeper(
    SessionTokenCodec codec, NodeTable table, IOptions<SessionOptions> options, IHostEnvironment environment, TimeProvider time)
{
    private readonly CookieOptions _cookie = new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = !environment.IsDevelopment(),
        Path = "/",
        MaxAge = options.Value.Lifetime,
        IsEssential = true,
    };

    /// <summary>
    /// What the request's tokens tell, in the cookie, in the header, or in both. A token that is forged, too old or of another cluster tells
    /// nothing. One from the tail that a failover lost is told from the others: it stands for the point where the cluster went on without it.
    /// </summary>
    public SeenState Read(HttpRequest request)
    {
        var timelines = table.Timelines;
        var seen = SeenState.Nothing;
        Merge(request.Cookies[SessionHeaders.Cookie]);
        foreach (var header in request.Headers[SessionHeaders.Session])
            Merge(header);
        return seen;

        void Merge(string? text)
        {
            if (Believe(text) is not { } token)
                return;
            var standing = timelines.Judge(token.Position);
            var (position, isLost) = (token.Position, standing == Standing.Lost);
            if (standing == Standing.Ahead && timelines.Current != 0)
                table.Heard(position.Timeline);
            if (isLost)
                position = timelines.EndOf(position.Timeline) is { } end ? position with { Lsn = end } : WalPosition.None;
            seen = new SeenState(
                timelines.Furthest(seen.Position, position),
                seen.IsLost || isLost,
                seen.IssuedAt > token.IssuedAt ? seen.IssuedAt : token.IssuedAt);
        }
    }

    /// <summary>Gives the session a token for the further of what it had seen and what this answer shows.</summary>
    public void Write(HttpResponse response, WalPosition seen, WalPosition answered)
    {
        var systemId = table.SystemId;
        if (answered == WalPosition.None || systemId == 0)
            return;

        var token = codec.Write(new SessionToken(systemId, table.Timelines.Furthest(seen, answered), time.GetUtcNow()));
        response.Headers[SessionHeaders.Session] = token;
        response.Cookies.Append(SessionHeaders.Cookie, token, _cookie);
    }

    private SessionToken? Believe(string? text)
    {
        var systemId = table.SystemId;
        return codec.Read(text) is { } token && (systemId == 0 || systemId == token.SystemId) ? token : null;
    }
}
