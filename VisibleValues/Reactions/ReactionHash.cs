using System.Globalization;
using Floodgate.Messaging.Counters;
using Floodgate.Redis;
using StackExchange.Redis;

namespace Floodgate.VisibleValues.Reactions;

/// <summary>
/// The recent reactions of a user in Redis: hash <c>lk:{user}</c>, post → <c>version:state</c>, where the state is <c>1</c> or <c>0</c> once it is durable,
/// <c>L</c> or <c>U</c> while a like or an unlike is in flight, <c>l</c> or <c>u</c> if it was so before, and <c>p</c> or <c>n</c> for a durable one that a newer one may be missing of; <c>g</c> the
/// generation that wrote it: what another one left is of the past. <c>c</c> says from which post on every post that the user likes is in it, and <c>f</c> is
/// the mark of who will fill them in.
/// </summary>
/// <param name="redis">The connection.</param>
/// <param name="generation">What is believed.</param>
/// <param name="lifetime">How long the hash stays after the user's last write.</param>
public sealed class ReactionHash(IConnectionMultiplexer redis, RedisGeneration generation, TimeSpan lifetime) : IReactionMemory
{
    /// <summary>The fields that say how far the others hold: the first of them the generation.</summary>
    internal static readonly string[] FixedFields = ["g", "c", "f"];

    private const int Fixed = 3;

    private static readonly RedisScript IntendScript = Script("intend.lua");
    private static readonly RedisScript SettleScript = Script("settle.lua");
    private static readonly RedisScript MarkScript = Script("mark.lua");
    private static readonly RedisScript CompleteScript = Script("complete.lua");
    private static readonly RedisScript TellScript = Script("tell.lua");

    private readonly RedisValue _lifetime = (long)lifetime.TotalSeconds;

    /// <summary>The key of a user.</summary>
    public static string KeyOf(long user) => string.Create(CultureInfo.InvariantCulture, $"lk:{{{user}}}");

    /// <inheritdoc/>
    /// <exception cref="RedisException">Redis is away.</exception>
    public async Task<Intent> IntendAsync(long user, long post, bool liked, long atLeast)
    {
        if (generation.Current is not { } current)
        {
            return new Intent(Announced: false, atLeast, Before: null);
        }

        var answer = (RedisValue[])(await IntendScript.RunAsync(
            redis.GetDatabase(), KeyOf(user), [post, liked ? 1 : 0, atLeast, _lifetime, current]))!;
        bool? before = (string?)answer[1] switch { "1" or "L" or "l" => true, "0" or "U" or "u" => false, _ => null };
        return new Intent(Announced: true, (long)answer[0], before);
    }

    /// <inheritdoc/>
    /// <remarks>Where the generation is not known it is remembered as of the past: it is durable all the same.</remarks>
    /// <exception cref="RedisException">Redis is away.</exception>
    public Task SettleAsync(in Reaction reaction) => SettleScript.RunAsync(
        redis.GetDatabase(), KeyOf(reaction.User), [reaction.Post, reaction.Liked ? 1 : 0, reaction.Version, _lifetime, generation.Current ?? ""]);

    /// <inheritdoc/>
    /// <exception cref="RedisException">Redis is away.</exception>
    public async Task<RememberedReactions> ReadAsync(long user, IReadOnlyList<long> posts, IDatabaseAsync? batch = null)
    {
        ArgumentNullException.ThrowIfNull(posts);
        var fields = new RedisValue[Fixed + posts.Count];
        for (var i = 0; i < Fixed; i++)
        {
            fields[i] = FixedFields[i];
        }

        for (var i = 0; i < posts.Count; i++)
        {
            fields[Fixed + i] = posts[i];
        }

        var seen = await (batch ?? redis.GetDatabase()).HashGetAsync(KeyOf(user), fields);
        return Read(seen, posts, generation.Current is { } current && RedisGeneration.Believes(seen[0], current));
    }

    /// <summary>Reads what is remembered of pairs.</summary>
    /// <param name="seen">The fields of <see cref="FixedFields"/>, then those of the posts.</param>
    /// <param name="posts">The posts.</param>
    /// <param name="isBelieved">Whether the generation that wrote it is believed.</param>
    internal static RememberedReactions Read(RedisValue[] seen, IReadOnlyList<long> posts, bool isBelieved)
    {
        var floor = isBelieved ? (long?)seen[1] : null;
        var pairs = new RememberedPair[posts.Count];
        for (var i = 0; i < pairs.Length; i++)
        {
            pairs[i] = PairOf(seen[Fixed + i], isBelieved, isAllThere: posts[i] >= floor);
        }

        return new RememberedReactions(pairs, floor is not null, isBelieved ? seen[2] : RedisValue.Null);
    }

    /// <inheritdoc/>
    /// <exception cref="RedisException">Redis is away.</exception>
    public Task MarkAsync(long user, string mark) => generation.Current is { } current
        ? MarkScript.RunAsync(redis.GetDatabase(), KeyOf(user), [current, mark, _lifetime])
        : Task.CompletedTask;

    /// <inheritdoc/>
    /// <exception cref="RedisException">Redis is away.</exception>
    public Task CompleteAsync(long user, string mark, StoredReactions stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        if (generation.Current is not { } current)
        {
            return Task.CompletedTask;
        }

        var arguments = new List<RedisValue>(Fixed + (3 * stored.Pairs.Count)) { current, mark, stored.Floor };
        foreach (var pair in stored.Pairs)
        {
            arguments.AddRange([pair.Post, pair.Liked ? 1 : 0, pair.Version]);
        }

        return CompleteScript.RunAsync(redis.GetDatabase(), KeyOf(user), [.. arguments]);
    }

    /// <inheritdoc/>
    /// <exception cref="RedisException">Redis is away.</exception>
    public Task TellAsync(in Reaction reaction) => TellScript.RunAsync(
        redis.GetDatabase(), KeyOf(reaction.User), [reaction.Post, reaction.Liked ? 1 : 0, reaction.Version]);

    private static RedisScript Script(string name) => RedisScript.Embedded(typeof(ReactionHash), name, "prelude.lua", "reactions.lua");

    private static RememberedPair PairOf(string? value, bool isBelieved, bool isAllThere) => value switch
    {
        null when isAllThere => new RememberedPair(Reliance.Full, Liked: false, 0),
        [.., ':', '1' or '0'] when isBelieved => new RememberedPair(Reliance.Full, value[^1] == '1', 0),
        [.. var version, ':', '1' or '0' or 'p' or 'n' or 'l' or 'u'] when long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var of) =>
            new RememberedPair(Reliance.Past, value[^1] is '1' or 'p' or 'l', of),
        _ => default,
    };
}
