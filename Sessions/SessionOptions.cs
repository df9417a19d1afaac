using System.ComponentModel.DataAnnotations;

namespace Floodgate.Sessions;

/// <summary>How session tokens and cursors are signed. Bound from the section <c>Floodgate:Sessions</c>.</summary>
public sealed class SessionOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Floodgate:Sessions";

    /// <summary>The fewest characters a key may have.</summary>
    public const int MinimumKeyLength = 32;

    /// <summary>
    /// The secret that signs tokens and cursors; at least 32 characters, the same for every instance. Required.
    /// </summary>
    [Required, MinLength(MinimumKeyLength)]
    public string Key { get; set; } = "";

    /// <summary>
    /// The key before the last rotation; tokens signed with it are still believed. Default: none. Remove it once
    /// <see cref="Lifetime"/> has passed since the rotation.
    /// </summary>
    [MinLength(MinimumKeyLength)]
    public string? PreviousKey { get; set; }

    /// <summary>
    /// How long a token says something. An older one is ignored: by then every replica that is allowed to serve has
    /// replayed what it names, unless the primary was away for as long. Default 10 minutes; 1 minute to 1 day; it must exceed the lag limit of the router.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromMinutes(10);
}
