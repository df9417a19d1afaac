using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Floodgate.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Floodgate.ReadRouter.Authentication;

/// <summary>Takes <c>Authorization: Bearer …</c> (RFC 6750) for who the caller is.</summary>
internal sealed class BearerHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, UserTokens tokens)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Bearer";

    private const string Prefix = SchemeName + " ";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var headers = Request.Headers.Authorization;
        if (headers.Count == 0)
            return AuthenticateResult.NoResult();

        // Of two, or of an empty one, nobody knows which another server on the way believed.
        if (headers is not [{ Length: > 0 } header])
            return AuthenticateResult.Fail("There must be one Authorization header.");
        if (!header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || await tokens.ReadAsync(header[Prefix.Length..].Trim()) is not { } user)
            return AuthenticateResult.Fail("The bearer token is not valid.");

        var identity = new ClaimsIdentity(SchemeName);
        identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, user.ToString(CultureInfo.InvariantCulture)));
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var rejected = (await HandleAuthenticateOnceSafeAsync()).Failure is not null;
        Response.Headers.WWWAuthenticate = rejected ? "Bearer error=\"invalid_token\"" : SchemeName;
        await Problem.Unauthorized().ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Problem.Forbidden("The bearer token does not allow this.").ExecuteAsync(Context);
}
