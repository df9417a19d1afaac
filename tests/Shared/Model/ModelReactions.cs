using System.Globalization;
using Floodgate.CounterService.Likes;
using Floodgate.Messaging.Counters;

namespace Floodgate.Model;

/// <summary>What <c>intend.lua</c> and <c>settle.lua</c> do, in C#.</summary>
internal sealed class ModelReactions(ModelRedis redis, TimeSpan lifetime)
{
    /// <summary>
    /// A bug put in on purpose: a repeat of a settled state is taken for one, though a process that could not tell Redis may
    /// have changed it since.
    /// </summary>
    public bool BelievesRepeats { get; set; }

    public Intent Intend(long user, long post, bool liked, long atLeast, string run)
    {
        var key = KeyOf(user);
        var field = post.ToString(CultureInfo.InvariantCulture);
        var known = redis.Get(key, field);
        if (redis.Get(key, "g") != run)
        {
            redis.Delete(key);
            redis.Set(key, "g", run);
            known = null;
        }

        var version = atLeast;
        char? state = null;
        if (known is not null)
        {
            var before = VersionOf(known);
            state = known[^1];
            if (BelievesRepeats && state == (liked ? '1' : '0'))
            {
                return new Intent(Changes: false, before, BeforeOf(state));
            }

            version = Math.Max(version, before + 1);
        }

        redis.Set(key, field, string.Create(CultureInfo.InvariantCulture, $"{version}:{(liked ? 'L' : 'U')}"));
        redis.Expire(key, lifetime);
        return new Intent(Changes: true, version, BeforeOf(state));
    }

    public void Settle(in Reaction reaction, string run)
    {
        var key = KeyOf(reaction.User);
        var field = reaction.Post.ToString(CultureInfo.InvariantCulture);
        if (redis.Get(key, "g") != run || redis.Get(key, field) is not { } known || VersionOf(known) > reaction.Version)
        {
            return;
        }

        redis.Set(key, field, string.Create(CultureInfo.InvariantCulture, $"{reaction.Version}:{(reaction.Liked ? '1' : '0')}"));
        redis.Expire(key, lifetime);
    }

    public bool?[] Read(long user, IReadOnlyList<long> posts, string? run)
    {
        var key = KeyOf(user);
        var believed = run is not null && redis.Get(key, "g") == run;
        return [.. posts.Select(post => believed ? redis.Get(key, post.ToString(CultureInfo.InvariantCulture))?[^1] switch
        {
            '1' => true,
            '0' => false,
            _ => (bool?)null,
        } : null)];
    }

    public static string KeyOf(long user) => string.Create(CultureInfo.InvariantCulture, $"lk:{{{user}}}");

    private static long VersionOf(string known) => long.Parse(known.AsSpan(0, known.Length - 2), CultureInfo.InvariantCulture);

    private static bool? BeforeOf(char? state) => state switch { '1' or 'L' => true, '0' or 'U' => false, _ => null };
}
