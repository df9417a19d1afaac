using System.ComponentModel.DataAnnotations;

namespace Floodgate.FlushWorker.Auditing;

/// <summary>How the flushed values are audited. Section <c>Floodgate:Counters:Audit</c>.</summary>
internal sealed class AuditOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Floodgate:Counters:Audit";

    /// <summary>How often a sample of posts is recounted. Default 10 s; 100 ms to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan RecountInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How many posts are recounted at a time: they are taken in the order of their ids, so that every post has its turn,
    /// however cold. Default 200; 1 to 10,000.
    /// </summary>
    [Range(1, 10_000)]
    public int RecountPosts { get; set; } = 200;

    /// <summary>How often the slots of each partition are summed up, which reads all of them. Default 5 minutes; 100 ms to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan ConservationInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long PostgreSQL may take for one question. Default 30 s; 1 s to 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);
}
