using System.ComponentModel.DataAnnotations;

namespace Floodgate.TimelineService;

/// <summary>The settings of TimelineService. Bound from the section <c>Floodgate:Timelines</c>.</summary>
internal sealed class TimelineOptions
{
    public const string Section = "Floodgate:Timelines";

    /// <summary>How many posts a home timeline keeps in Redis; older pages come from SQL. Default 800; 20 to 5,000.</summary>
    [Range(20, 5000)]
    public int Cap { get; set; } = 800;

    /// <summary>How many posts a timeline may grow past the cap before it is trimmed, so that not every push trims. Default 100; 0 to 1,000.</summary>
    [Range(0, 1000)]
    public int TrimSlack { get; set; } = 100;

    /// <summary>How long a timeline lives in Redis after it was last read. Default 7 days; 10 minutes to 90 days.</summary>
    [Range(typeof(TimeSpan), "00:10:00", "90.00:00:00")]
    public TimeSpan Expiry { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long a rebuild may take; after it, its key is gone and it cannot write. Default 15 s; 1 s to 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan RebuildTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long Redis may take to answer a reader before the page comes from SQL, and its likes from CounterService. Default 250 ms; 10 ms to 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:10")]
    public TimeSpan RedisTimeout { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Of how many posts the process keeps the number of likes, which Redis keeps up to date; each takes some 200 bytes. Beyond that all are forgotten, and those
    /// that are shown are read again. Default 100,000; 1,000 to 500,000, or 0: no likes are kept, also not those of readers. Redis remembers a million of what all
    /// processes keep (<c>tracking-table-max-keys</c>).
    /// </summary>
    [Range(0, 500_000)]
    public int LikeCopies { get; set; } = 100_000;

    /// <summary>
    /// Of how many readers the process keeps which posts of a page they like, which Redis keeps up to date; each takes some 2 KB for pages of 20.
    /// Beyond that all are forgotten. Default 20,000; 1,000 to 200,000.
    /// </summary>
    [Range(1000, 200_000)]
    public int ReaderLikeCopies { get; set; } = 20_000;

    /// <summary>
    /// How long Redis may take to take what a caller has just written (the own post, a follow), before the answer goes out
    /// and the fan-out or the relay brings it. Default 2 s; 10 ms to 10 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:10")]
    public TimeSpan RedisWriteTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long CounterService may take before a page goes out without likes. Default 2 s; 10 ms to 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:10")]
    public TimeSpan LikesTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a server that failed three times in a row is left alone by the readers. Default 1 s; 0 to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan Rest { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many followers one fan-out job pushes to. Default 1,000; 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int ChunkSize { get; set; } = 1000;

    /// <summary>
    /// From how many followers on an author's posts are not pushed but merged when timelines are read. Default 10,000; 1 to 1,000,000; more than
    /// <see cref="ThresholdBack"/>.
    /// </summary>
    [Range(1, 1_000_000)]
    public int Threshold { get; set; } = 10_000;

    /// <summary>Below how many followers the posts of such an author are pushed again. Default 8,000; 0 to 999,999.</summary>
    [Range(0, 999_999)]
    public int ThresholdBack { get; set; } = 8000;

    /// <summary>How long the size of an audience is remembered. Default 15 s; 0 to 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan AudienceLifetime { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often it is looked which authors' posts can be pushed again. Default 5 s; 100 ms to 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan PullCheck { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long posts may wait for fan-out before the threshold falls. Default 5 s; 100 ms to 1 hour; longer than <see cref="ShedUntil"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan ShedAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How short the wait must be before the threshold rises again. Default 1 s; 0 to 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan ShedUntil { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long after one step of the threshold the next may follow. Default 5 s; 100 ms to 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan ShedStep { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long ago followers may have read to get a post before the rest of a large audience. Default 5 minutes; 1 minute to 1 day.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan OnlineFor { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a reader waits for the timeline to be built before the page comes from SQL. Default 100 ms; 0 to 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan RebuildPatience { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How many jobs of small audiences one instance does at once. Default 16; 1 to 256.</summary>
    [Range(1, 256)]
    public ushort SmallConcurrency { get; set; } = 16;

    /// <summary>How many jobs of large audiences one instance does at once. Default 4; 1 to 256.</summary>
    [Range(1, 256)]
    public ushort LargeConcurrency { get; set; } = 4;

    /// <summary>How long one attempt at a job may take. Default 30 s; 1 s to 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan JobTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a job may fail of itself (not for want of a server) before it is parked. Default 10; 1 to 1,000.</summary>
    [Range(1, 1000)]
    public int JobAttempts { get; set; } = 10;

    /// <summary>How many outbox rows are published in one transaction. Default 500; 1 to 5,000.</summary>
    [Range(1, 5000)]
    public int RelayBatch { get; set; } = 500;

    /// <summary>How often the outbox is looked at without being told to: for rows of an instance that died. Default 250 ms; 10 ms to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How old an outbox row of a write other than a post must be before another instance takes it for left behind. Default 1 s; 100 ms to 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long one publish may wait for the broker's confirm. Default 5 s; 100 ms to 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan PublishTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an Idempotency-Key is remembered. Default 1 day; 1 minute to 30 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan RequestKeyLifetime { get; set; } = TimeSpan.FromDays(1);

    /// <summary>What <c>POST /posts</c> does while the primary takes no writes. Default <see cref="PrimaryDown.Queue"/>.</summary>
    [EnumDataType(typeof(PrimaryDown))]
    public PrimaryDown WhenPrimaryIsDown { get; set; } = PrimaryDown.Queue;

    /// <summary>How long a new post may wait for a connection to the primary before the primary counts as away. Default 1 s; 50 ms to 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:00:10")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long writing a new post may take in all before its outcome counts as unknown. Default 5 s; 100 ms to 1 minute;
    /// longer than <see cref="ConnectTimeout"/>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long queueing a new post may take before the caller gets 503. Default 1 s; 50 ms to 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:00:10")]
    public TimeSpan QueueTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many pending posts are published together; those of one author one after another. Default 64; 1 to 1,000.</summary>
    [Range(1, 1000)]
    public ushort PendingBatch { get; set; } = 64;

    /// <summary>How many authors' pending posts are published at the same time. Default 8; 1 to 64.</summary>
    [Range(1, 64)]
    public int PendingConcurrency { get; set; } = 8;

    /// <summary>
    /// How often it is found out up to when the queue of pending posts is drained; a pending post that was lost, and an
    /// Idempotency-Key that is old enough, are noticed that much later. Default 1 minute; 100 ms to 1 hour.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan PendingMark { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// By how much the queue must have been drained past the moment a post was accepted before the post counts as lost: clocks
    /// differ, and a publish takes a moment. Default 1 minute; 1 s to 1 hour.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan PendingTolerance { get; set; } = TimeSpan.FromMinutes(1);
}

/// <summary>What <c>POST /posts</c> does while the primary takes no writes.</summary>
internal enum PrimaryDown
{
    /// <summary>202: the post is queued durably and published once the primary is back.</summary>
    Queue,

    /// <summary>503 with <c>Retry-After</c>.</summary>
    Refuse,
}
