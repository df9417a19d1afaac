using System.ComponentModel.DataAnnotations;

namespace Floodgate.ReadRouter.Alerts;

/// <summary>How the router asks for differences between home timelines and SQL. Section <c>Floodgate:Router:TimelineWatch</c>.</summary>
internal sealed class TimelineWatchOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Floodgate:Router:TimelineWatch";

    /// <summary>How often the instances of TimelineService are asked. Default 5 s; 1 s to 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>For how long a difference is an alert. Default 15 minutes; 1 s to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Holds { get; set; } = TimeSpan.FromMinutes(15);
}
