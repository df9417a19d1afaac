using System.Globalization;
using System.Text;
using StackExchange.Redis;

namespace Floodgate.TimelineService.HomeTimelines;

/// <summary>
/// The keys of home timelines, <c>tl:{bucket}:{user}</c>: the bucket is the hash tag (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/),
/// so that one script reaches all timelines of a bucket, and a cluster of up to <see cref="Buckets"/> shards is filled evenly.
/// </summary>
internal static class TimelineKeys
{
    /// <summary>How many buckets there are. Another number makes all timelines be built anew.</summary>
    public const int Buckets = 32;

    // The longest number has 19 digits.
    private const int LongestKey = 32;

    private static readonly byte[][] Prefixes =
        [.. Enumerable.Range(0, Buckets).Select(bucket => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"tl:{{{bucket}}}:")))];

    /// <summary>The key of a user's timeline, as the bytes that go to Redis: fan-out makes one for every entry.</summary>
    public static RedisKey Of(long user)
    {
        Span<byte> key = stackalloc byte[LongestKey];
        var prefix = Prefixes[user % Buckets];
        prefix.CopyTo(key);
        user.TryFormat(key[prefix.Length..], out var digits, provider: CultureInfo.InvariantCulture);
        return key[..(prefix.Length + digits)].ToArray();
    }

    /// <summary>The keys of users, in groups that one script can take.</summary>
    /// <param name="users">The users.</param>
    /// <param name="most">How many keys a group may have.</param>
    public static IEnumerable<(int Bucket, RedisKey[] Keys)> Group(IReadOnlyList<long> users, int most)
    {
        var counts = new int[Buckets];
        for (var i = 0; i < users.Count; i++)
        {
            counts[users[i] % Buckets]++;
        }

        var groups = new RedisKey[Buckets][];
        var filled = new int[Buckets];
        for (var i = 0; i < users.Count; i++)
        {
            var bucket = (int)(users[i] % Buckets);
            var group = groups[bucket] ??= new RedisKey[Math.Min(counts[bucket], most)];
            group[filled[bucket]++] = Of(users[i]);
            if (filled[bucket] == group.Length)
            {
                yield return (bucket, group);
                counts[bucket] -= group.Length;
                (groups[bucket], filled[bucket]) = (null!, 0);
            }
        }
    }
}
