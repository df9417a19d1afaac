using System.ComponentModel.DataAnnotations;

namespace Floodgate.ReadRouter.Canaries;

/// <summary>How the router tests itself. Bound from the section <c>Floodgate:Canary</c>.</summary>
public sealed class CanaryOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Floodgate:Canary";

    /// <summary>Whether it does. Default yes.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How often it writes and reads back. Default 1 s; 10 ms to 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a write and its reads may take. Default 5 s; 100 ms to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);
}
