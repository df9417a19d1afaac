using System.Globalization;
using Floodgate.Messaging.Counters;
using Floodgate.Redis;
using Floodgate.VisibleValues.Reactions;

namespace Floodgate.Model;

/// <summary>What the scripts on reactions do, in C#.</summary>
internal sealed class ModelReactions(ModelRedis redis, TimeSpan lifetime)
{
    private const int MostKept = 12_000;

    public Intent Intend(long user, long post, bool liked, long atLeast, string generation)
    {
        var key = ReactionHash.KeyOf(user);
        if (!RedisGeneration.Believes(redis.Get(key, "g"), generation))
        {
            Renew(key, generation);
        }

        var version = atLeast;
        char? state = null;
        if (redis.Get(key, FieldOf(post)) is { } known)
        {
            state = known[^1];
            version = Math.Max(version, VersionOf(known) + 1);
        }

        redis.Set(key, FieldOf(post), Text(version, (liked, state) switch
        {
            (true, '1' or 'l') => 'l',
            (true, _) => 'L',
            (false, '0' or 'u') => 'u',
            _ => 'U',
        }));
        redis.Expire(key, lifetime);
        return new Intent(Announced: true, version, state switch { '1' or 'L' or 'l' => true, '0' or 'U' or 'u' => false, _ => null });
    }

    public void Settle(in Reaction reaction, string? generation)
    {
        var key = ReactionHash.KeyOf(reaction.User);
        var known = redis.Get(key, FieldOf(reaction.Post));
        if (known is not null && VersionOf(known) > reaction.Version)
        {
            return;
        }

        var isKnown = RedisGeneration.Believes(redis.Get(key, "g"), generation ?? "") && known is [.., not ('p' or 'n')];
        redis.Set(key, FieldOf(reaction.Post), Text(reaction.Version, (isKnown, reaction.Liked) switch
        {
            (true, true) => '1',
            (true, false) => '0',
            (false, true) => 'p',
            _ => 'n',
        }));
        redis.Expire(key, lifetime);
    }

    public RememberedReactions Read(long user, IReadOnlyList<long> posts, string? generation)
    {
        var key = ReactionHash.KeyOf(user);
        var isBelieved = generation is not null && RedisGeneration.Believes(redis.Get(key, "g"), generation);
        var floor = isBelieved && redis.Get(key, "c") is { } from ? long.Parse(from, CultureInfo.InvariantCulture) : (long?)null;
        return new RememberedReactions(
            [.. posts.Select(post => redis.Get(key, FieldOf(post)) switch
            {
                null => post >= floor ? new RememberedPair(Reliance.Full, false, 0) : default,
                [.., '1' or '0'] known when isBelieved => new RememberedPair(Reliance.Full, known[^1] == '1', 0),
                [.., 'L' or 'U'] => default,
                var known => new RememberedPair(Reliance.Past, known[^1] is '1' or 'p' or 'l', VersionOf(known)),
            })],
            floor is not null, isBelieved ? redis.Get(key, "f") : null);
    }

    public void Mark(long user, string mark, string generation)
    {
        var key = ReactionHash.KeyOf(user);
        if (!RedisGeneration.Believes(redis.Get(key, "g"), generation))
        {
            Renew(key, generation);
            redis.Expire(key, lifetime);
        }
        else if (redis.Get(key, "c") is not null || redis.Get(key, "f") is not null)
        {
            return;
        }

        redis.Set(key, "f", mark);
    }

    public void Complete(long user, string mark, StoredReactions stored, string generation)
    {
        var key = ReactionHash.KeyOf(user);
        if (!RedisGeneration.Believes(redis.Get(key, "g"), generation) || redis.Get(key, "f") != mark)
        {
            return;
        }

        foreach (var of in stored.Pairs)
        {
            if (redis.Get(key, FieldOf(of.Post)) is { } known ? VersionOf(known) <= of.Version : of.Liked)
            {
                redis.Set(key, FieldOf(of.Post), Text(of.Version, of.Liked ? '1' : '0'));
            }
        }

        redis.Set(key, "c", stored.Floor.ToString(CultureInfo.InvariantCulture));
        redis.Remove(key, "f");
    }

    public void Tell(in Reaction reaction)
    {
        var key = ReactionHash.KeyOf(reaction.User);
        var known = redis.Get(key, FieldOf(reaction.Post));
        if ((redis.Get(key, "c") ?? redis.Get(key, "f")) is null
            || (known is not null && (VersionOf(known) > reaction.Version || (VersionOf(known) == reaction.Version && known[^1] is not ('L' or 'U')))))
        {
            return;
        }

        redis.Set(key, FieldOf(reaction.Post), Text(reaction.Version, reaction.Liked ? 'p' : 'n'));
    }

    private void Renew(string key, string generation)
    {
        var kept = redis.Find(key)?.Fields.Where(of => char.IsAsciiDigit(of.Key[0]) && of.Value is [.., ':', '1' or '0' or 'p' or 'n' or 'l' or 'u']).ToList() ?? [];
        var isKept = redis.Find(key)?.Fields.Count <= MostKept;
        redis.Delete(key);
        redis.Set(key, "g", generation);
        foreach (var (post, value) in isKept ? kept : [])
        {
            redis.Set(key, post, Text(VersionOf(value), value[^1] is '1' or 'p' or 'l' ? 'p' : 'n'));
        }
    }

    private static string FieldOf(long post) => post.ToString(CultureInfo.InvariantCulture);

    private static string Text(long version, char state) => string.Create(CultureInfo.InvariantCulture, $"{version}:{state}");

    private static long VersionOf(string known) => long.Parse(known.AsSpan(0, known.Length - 2), CultureInfo.InvariantCulture);
}
