using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Floodgate.ReadRouter.Authentication;

/// <summary>Makes and checks bearer tokens: JSON Web Tokens (RFC 7519) whose subject is the user's id.</summary>
internal sealed class UserTokens
{
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(30);

    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly TokenValidationParameters _parameters;
    private readonly BearerOptions _options;
    private readonly TimeProvider _time;

    public UserTokens(IOptions<BearerOptions> options, TimeProvider time)
    {
        _options = options.Value;
        _time = time;
        _parameters = new TokenValidationParameters
        {
            IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(_options.Key)),
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            ValidIssuer = _options.Issuer,
            ValidAudience = _options.Audience,
            LifetimeValidator = (notBefore, expires, _, _) => IsCurrent(notBefore, expires),
        };
    }

    /// <summary>Makes a token for a user.</summary>
    public string Create(long user)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = _options.Issuer,
            Audience = _options.Audience,
            IssuedAt = now,
            NotBefore = now,
            Expires = now + _options.DevelopmentLifetime,
            Claims = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                [JwtRegisteredClaimNames.Sub] = user.ToString(CultureInfo.InvariantCulture),
            },
            SigningCredentials = new SigningCredentials(_parameters.IssuerSigningKey, SecurityAlgorithms.HmacSha256),
        });
    }

    /// <summary>The user a token speaks for, or null where it is not to be believed.</summary>
    public async Task<long?> ReadAsync(string token)
    {
        var result = await _handler.ValidateTokenAsync(token, _parameters);
        return result.IsValid && UserId.TryParse(((JsonWebToken)result.SecurityToken).Subject, out var user) ? user : null;
    }

    private bool IsCurrent(DateTime? notBefore, DateTime? expires)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        return expires is { } end && end > now - ClockTolerance && (notBefore is not { } begin || begin < now + ClockTolerance);
    }
}
