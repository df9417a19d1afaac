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

    /// <summary>The furthest position that the request's tokens name. A token that is forged, too old or of another cluster names none.</summary>
    public WalPosition Read(HttpRequest request)
    {
        var seen = PositionOf(request.Cookies[SessionHeaders.Cookie]);
        foreach (var header in request.Headers[SessionHeaders.Session])
            seen = WalPosition.Max(seen, PositionOf(header));
        return seen;
    }

    /// <summary>Gives the session a token for the further of what it had seen and what this answer shows.</summary>
    public void Write(HttpResponse response, WalPosition seen, WalPosition answered)
    {
        var furthest = WalPosition.Max(seen, answered);
        var systemId = table.SystemId;
        if (answered == WalPosition.None || systemId == 0)
            return;

        var token = codec.Write(new SessionToken(systemId, furthest, time.GetUtcNow()));
        response.Headers[SessionHeaders.Session] = token;
        response.Cookies.Append(SessionHeaders.Cookie, token, _cookie);
    }

    private WalPosition PositionOf(string? text)
    {
        var token = codec.Read(text);
        var systemId = table.SystemId;
        return token is not null && (systemId == 0 || systemId == token.SystemId) ? token.Position : WalPosition.None;
    }
}
