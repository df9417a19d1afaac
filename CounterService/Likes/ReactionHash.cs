using System.Globalization;
using Floodgate.CounterService.Hosting;
using Floodgate.Messaging.Counters;
using Floodgate.VisibleValues;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Floodgate.CounterService.Likes;

/// <summary>
/// The recent reactions of a user in Redis: hash <c>lk:{user}</c>, post → <c>version:state</c>, where the state is
/// <c>1</c> or <c>0</c> once it is durable and <c>L</c> or <c>U</c> while a like or an unlike is in flight; <c>g</c> the
/// generation that wrote it: what another one left may be older than what was acknowledged since.
/// </summary>
internal sealed class ReactionHash(IConnectionMultiplexer redis, VisibleGeneration generation, IOptions<CounterOptions> options) : IReactionMemory
{
    private static readonly RedisScript IntendScript = RedisScript.Embedded(typeof(ReactionHash), "intend.lua");
    private static readonly RedisScript SettleScript = RedisScript.Embedded(typeof(ReactionHash), "settle.lua");

    private readonly RedisValue _lifetime = (long)options.Value.RememberFor.TotalSeconds;

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
        bool? before = (string?)answer[1] switch { "1" or "L" => true, "0" or "U" => false, _ => null };
        return new Intent(Announced: true, (long)answer[0], before);
    }

    /// <inheritdoc/>
    /// <exception cref="RedisException">Redis is away.</exception>
    public Task SettleAsync(in Reaction reaction) => generation.Current is { } current
        ? SettleScript.RunAsync(
            redis.GetDatabase(), KeyOf(reaction.User), [reaction.Post, reaction.Liked ? 1 : 0, reaction.Version, _lifetime, current])
        : Task.CompletedTask;

    /// <inheritdoc/>
    /// <exception cref="RedisException">Redis is away.</exception>
    public async Task<bool?[]> ReadAsync(long user, IReadOnlyList<long> posts)
    {
        ArgumentNullException.ThrowIfNull(posts);
        var known = await redis.GetDatabase().HashGetAsync(KeyOf(user), ["g", .. posts.Select(post => (RedisValue)post)]);
        var believed = generation.Current is { } current && VisibleGeneration.Believes(known[0], current);
        return [.. known.Skip(1).Select(value => believed ? StateOf(value) : null)];
    }

    private static string KeyOf(long user) => string.Create(CultureInfo.InvariantCulture, $"lk:{{{user}}}");

    private static bool? StateOf(string? value) => value is [.., ':', var state] ? state switch { '1' => true, '0' => false, _ => null } : null;
}
