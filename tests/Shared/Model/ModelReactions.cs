using System.Globalization;
using Floodgate.CounterService.Likes;
using Floodgate.Messaging.Counters;
using Floodgate.VisibleValues;

namespace Floodgate.Model;

/// <summary>What <c>intend.lua</c> and <c>settle.lua</c> do, in C#.</summary>
internal sealed class ModelReactions(ModelRedis redis, TimeSpan lifetime)
{
    public Intent Intend(long user, long post, bool liked, long atLeast, string generation)
    {
        var key = KeyOf(user);
        var field = post.ToString(CultureInfo.InvariantCulture);
        var known = redis.Get(key, field);
        if (!VisibleGeneration.Believes(redis.Get(key, "g"), generation))
        {
            redis.Delete(key);
            redis.Set(key, "g", generation);
            known = null;
        }

        var version = atLeast;
        char? state = null;
        if (known is not null)
        {
            var before = VersionOf(known);
            state = known[^1];
            version = Math.Max(version, before + 1);
        }

        redis.Set(key, field, string.Create(CultureInfo.InvariantCulture, $"{version}:{(liked ? 'L' : 'U')}"));
        redis.Expire(key, lifetime);
        return new Intent(Announced: true, version, BeforeOf(state));
    }

    public void Settle(in Reaction reaction, string generation)
    {
        var key = KeyOf(reaction.User);
        var field = reaction.Post.ToString(CultureInfo.InvariantCulture);
        if (!VisibleGeneration.Believes(redis.Get(key, "g"), generation) || redis.Get(key, field) is not { } known || VersionOf(known) > reaction.Version)
        {
            return;
        }

        redis.Set(key, field, string.Create(CultureInfo.InvariantCulture, $"{reaction.Version}:{(reaction.Liked ? '1' : '0')}"));
        redis.Expire(key, lifetime);
    }

    public bool?[] Read(long user, IReadOnlyList<long> posts, string? generation)
    {
        var key = KeyOf(user);
        var believed = generation is not null && VisibleGeneration.Believes(redis.Get(key, "g"), generation);
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
