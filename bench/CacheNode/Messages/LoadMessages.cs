namespace Floodgate.Bench.CacheNode.Messages;

/// <summary><c>POST /load</c>: readers who read one item after the other, without pause.</summary>
/// <param name="Mode">How they read: one of <see cref="ModeName"/>.</param>
/// <param name="Brief">Whether they read what expires soon.</param>
/// <param name="MissShare">The share of reads of items that nobody has read before.</param>
/// <param name="Keys">The others are of the items 1 to this, Zipf-distributed with the exponent 1.</param>
/// <param name="FirstFresh">The first item that nobody has read.</param>
/// <param name="FreshStep">The distance to the next one of this process.</param>
/// <param name="LastFresh">The last one there is.</param>
/// <param name="Seconds">How long they read.</param>
/// <param name="Readers">How many they are in this process.</param>
/// <param name="Seed">Makes the order of the items repeatable.</param>
internal sealed record LoadRequest(
    string Mode, bool Brief, double MissShare, int Keys, long FirstFresh, long FreshStep, long LastFresh, double Seconds, int Readers, int Seed);

/// <summary>What became of their reads.</summary>
/// <param name="Reads">How many gave an item.</param>
/// <param name="Failed">How many did not.</param>
/// <param name="Error">Why the first of these did not.</param>
/// <param name="Stale">How many gave an older version than this process had been told of before the read began.</param>
/// <param name="WithoutRedis">How many the lease cache answered without Redis, as it took too long to answer.</param>
/// <param name="RanOut">Whether there were not enough items that nobody had read.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Buckets">The durations of the reads, as a latency histogram counts them.</param>
/// <param name="MaxMicroseconds">The longest.</param>
/// <param name="NextFresh">The first item of this process that still nobody has read.</param>
internal sealed record LoadAnswer(
    long Reads, long Failed, string? Error, long Stale, long WithoutRedis, bool RanOut, double Seconds, IReadOnlyDictionary<int, long> Buckets, double MaxMicroseconds, long NextFresh);

/// <summary><c>POST /warm</c>: forgets what this process keeps, and reads the items 1 to <paramref name="Keys"/>, so that they are kept.</summary>
/// <param name="Mode">How: one of <see cref="ModeName"/>.</param>
/// <param name="Brief">Whether as what expires soon.</param>
/// <param name="Keys">How many.</param>
internal sealed record WarmRequest(string Mode, bool Brief, int Keys);

/// <summary><c>POST /writes</c>: an UPDATE of the items 1 to <paramref name="Keys"/> on the primary, after which the mode is told.</summary>
/// <param name="Mode">One of <see cref="ModeName"/>.</param>
/// <param name="Brief">Whether it is kept as what expires soon.</param>
/// <param name="Keys">How many.</param>
internal sealed record WriteRequest(string Mode, bool Brief, int Keys);

/// <summary>The write, once it may be acknowledged.</summary>
/// <param name="Version">The version that the items have now.</param>
/// <param name="Position">Where the primary was after the commit.</param>
/// <param name="Milliseconds">How long it took from the commit until the mode had been told.</param>
internal sealed record WriteAnswer(long Version, string Position, double Milliseconds);

/// <summary><c>PUT /told</c>: what the readers of this process know from now on of a write, as whoever has seen its answer does.</summary>
/// <param name="Version">The version that the written items have at least.</param>
/// <param name="Position">What a session that knows of it has seen.</param>
/// <param name="Keys">It is of the items 1 to this.</param>
internal sealed record ToldWrite(long Version, string Position, int Keys);
