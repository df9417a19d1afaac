using System.ComponentModel.DataAnnotations;

namespace Floodgate.TimelineService.Streaming;

/// <summary>The settings of <c>GET /timeline/stream</c>. Bound from the section <c>Floodgate:Timelines:Stream</c>.</summary>
internal sealed class StreamOptions
{
    public const string Section = "Floodgate:Timelines:Stream";

    /// <summary>How often a stream looks for news, give or take a tenth. Default 1 s; 10 ms to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long one look may take. Default 5 s; 100 ms to 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:30")]
    public TimeSpan PollTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// After how much silence a comment is sent, so that everybody on the way knows that the stream lives. Default 15 s; 100 ms to 30 s. With
    /// <see cref="PollTimeout"/> it must stay below <c>Floodgate:Router:StreamIdleTimeout</c>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:30")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a client may take to take one event before it is dropped. Default 5 s; 100 ms to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a stream lives, give or take a tenth: then the client comes back with its present token, and gets an instance and a node anew.
    /// Default 10 minutes; 100 ms to 1 day.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>After how long a client is told to come back when a stream ends; up to half as much more or less. Default 2 s; 100 ms to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Retry { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How many posts a client that comes back is sent; one that missed more is told to load its page anew. Default 200; 1 to 1,000.</summary>
    [Range(1, 1000)]
    public int MaximumReplay { get; set; } = 200;

    /// <summary>
    /// How much older than the newest one a post that arrives late may be and still be found, if it is not among the newest of the page anyway.
    /// Default 30 s; 0 to 10 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan Overlap { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many streams a process has open at once; more get 503. Default 5,000; 1 to 100,000.</summary>
    [Range(1, 100_000)]
    public int MaximumStreams { get; set; } = 5000;

    /// <summary>How many of them one user may have; more get 429. Default 5; 1 to 1,000.</summary>
    [Range(1, 1000)]
    public int StreamsPerUser { get; set; } = 5;
}
