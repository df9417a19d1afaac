using System.ComponentModel.DataAnnotations;
using Floodgate.Messaging.Counters;

namespace Floodgate.CounterService.Hosting;

/// <summary>How CounterService absorbs writes. Section <c>Floodgate:Counters</c>.</summary>
internal sealed class CounterOptions : CounterQueueOptions
{
    /// <summary>
    /// How long a partition gathers writes while an envelope of it is in flight, before it makes the next; while none is in
    /// flight a write is sent at once. Default 2 ms; 0 to 1 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:01")]
    public TimeSpan CoalesceWindow { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>The most writes in one envelope. Default 1,000; 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int EnvelopeWrites { get; set; } = 1000;

    /// <summary>How many envelopes of a partition may wait for their confirm at once. Default 16; 1 to 256.</summary>
    [Range(1, 256)]
    public int EnvelopesInFlight { get; set; } = 16;

    /// <summary>How many writes may wait in a partition; beyond it the answer is 429. Default 5,000; 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int WaitingWrites { get; set; } = 5000;

    /// <summary>
    /// How long the broker may take to confirm before the answer is 503. Default 700 ms; 50 ms to 1 s; with
    /// <see cref="CoalesceWindow"/> 1 s at most.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:00:01")]
    public TimeSpan ConfirmTimeout { get; set; } = TimeSpan.FromMilliseconds(700);

    /// <summary>
    /// How far behind the flush may be, beyond FlushInterval, before writes are gathered longer: so much longer as it is
    /// further behind. Default 3 s; 100 ms to 10 minutes; below <see cref="RefuseAbove"/>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan WidenAbove { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>For how long writes are gathered at most when the flush is behind. Default 50 ms; 0 to 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:01")]
    public TimeSpan LongestWindow { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// How far behind the flush may be, beyond FlushInterval, before writes are refused with 429; below 80 % of it they are
    /// taken again. Default 2 minutes; 1 s to 1 hour; with FlushInterval it stays below <see cref="CounterQueueOptions.RememberFor"/>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RefuseAbove { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How often the primary is asked how far the flush is. Default 500 ms; 50 ms to 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:00:10")]
    public TimeSpan LagInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often what was confirmed is compared with what is applied and put aside. Default 10 s; 100 ms to 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan AuditInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Above so many writes a second in each of its partitions a plain counter is spread over twice as many. Default 2,000;
    /// 1 to 1,000,000.
    /// </summary>
    [Range(1, 1_000_000)]
    public int SpreadAbove { get; set; } = 2000;

    /// <summary>Below half of that for so long, it is spread over half as many. Default 10 s; 0 to 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan SpreadHold { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the rates are measured. Default 1 s; 50 ms to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan SpreadInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a look at PostgreSQL may hold up a write, before it goes on without. Default 1 s; 10 ms to 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:10")]
    public TimeSpan LookupTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long an answer of Redis may take that answers others meanwhile, before Redis counts as away: longer than
    /// <see cref="CounterQueueOptions.RedisTimeout"/>, or that holds. Default 1.5 s; 10 ms to 30 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:30")]
    public TimeSpan SlowRedisTimeout { get; set; } = TimeSpan.FromSeconds(1.5);

    /// <summary>How many pairs of a user are filled into the hash, those with the newest posts; older ones are looked up in PostgreSQL. Default 1,000; 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int FilledPairs { get; set; } = 1000;

    /// <summary>
    /// How long a post that was found is taken to exist without looking again: so long can a deleted post still be liked.
    /// Default 1 s; 0 to 10 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan KnownPostFor { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many posts are remembered to exist. Default 100,000; 0 to 10,000,000.</summary>
    [Range(0, 10_000_000)]
    public int KnownPosts { get; set; } = 100_000;

    /// <summary>How long a ranking is shown before it is asked for again. Default 1 s; 0 to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan RankingFor { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long PostgreSQL may take for a ranking before the answer is 503. Default 5 s; 100 ms to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan RankingTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
