using System.ComponentModel.DataAnnotations;

namespace Floodgate.ReadRouter.Authentication;

/// <summary>How bearer tokens (JSON Web Tokens signed with HMAC-SHA-256) are checked. Bound from <c>Floodgate:Authentication</c>.</summary>
public sealed class BearerOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Floodgate:Authentication";

    /// <summary>The secret that signs the tokens; at least 32 characters, the same for every instance. Required.</summary>
    [Required, MinLength(32)]
    public string Key { get; set; } = "";

    /// <summary>Who must have issued a token. Default <c>floodgate</c>.</summary>
    [Required]
    public string Issuer { get; set; } = "floodgate";

    /// <summary>Whom a token must be for. Default <c>floodgate</c>.</summary>
    [Required]
    public string Audience { get; set; } = "floodgate";

    /// <summary>How long a token made by <c>POST /dev/token</c> is good for. Default 1 day; 1 minute to 30 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan DevelopmentLifetime { get; set; } = TimeSpan.FromDays(1);
}
