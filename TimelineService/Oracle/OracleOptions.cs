using System.ComponentModel.DataAnnotations;

namespace Floodgate.TimelineService.Oracle;

/// <summary>How the home timelines that are served are compared with plain SQL. Section <c>Floodgate:Timelines:Oracle</c>.</summary>
internal sealed class OracleOptions
{
    public const string Section = "Floodgate:Timelines:Oracle";

    /// <summary>Whether timelines are compared. Default yes.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How often this instance compares a timeline; varied by a fifth, so that instances do not beat in time. Default 5 s; 100 ms to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many of the newest posts of a timeline are compared. Default 300; 1 to 5,000.</summary>
    [Range(1, 5000)]
    public int Depth { get; set; } = 300;

    /// <summary>How long ago a user may have read the own timeline to be picked: the oracle's own reads keep nobody's timeline alive. Default 10 min; 1 s to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan ActiveFor { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How many looks, the first included, must show a missing or extra post before it can count as a difference. Default 3; 1 to 20.</summary>
    [Range(1, 20)]
    public int Confirmations { get; set; } = 3;

    /// <summary>How long after the first look the second comes; the pause doubles with each, up to <see cref="Settle"/>. Default 2 s; 10 ms to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan Recheck { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// After how long what other posts wait for explains nothing any more. While anything is on its way, a post that is not on
    /// its way itself is a difference only if every look over so long has shown it. Default 30 s; 100 ms to 1 hour; at least
    /// <see cref="Recheck"/>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan Settle { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long each of the questions of a look may take: the walk through the pages, and SQL. Default 5 s; 100 ms to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many timelines may be under suspicion; while there are as many, no further one is sampled. Default 64; 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int MaximumSuspects { get; set; } = 64;

    /// <summary>Whether a timeline with a confirmed difference is forgotten, so that the next read builds it anew. Default yes.</summary>
    public bool Repair { get; set; } = true;
}
