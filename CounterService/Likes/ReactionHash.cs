using System.Globalization;
using System.Runtime.InteropServices;
using Floodgate.CounterService.Hosting;
using Floodgate.Messaging.Counters;
using Floodgate.VisibleValues;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Floodgate.CounterService.Likes;

/// <summary>What Redis said of a pair when a change of it was announced.</summary>
/// <param name="Changes">Whether there is anything to publish; if not, the state wanted is durable already.</param>
/// <param name="Version">The version issued.</param>
/// <param name="Before">Whether it was liked, or is about to be; null where Redis does not know the pair.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Intent(bool Changes, long Version, bool? Before);

/// <summary>
/// The recent reactions of a user in Redis: hash <c>lk:{user}</c>, post → <c>version:state</c>, where the state is
/// <c>1</c> or <c>0</c> once it is durable and <c>L</c> or <c>U</c> while a like or an unlike is in flight.
/// </summary>
internal sealed class ReactionHash(IConnectionMultiplexer redis, IOptions<CounterOptions> options)
{
    private static readonly RedisScript IntendScript = RedisScript.Embedded(typeof(ReactionHash), "intend.lua");
    private static readonly RedisScript SettleScript = RedisScript.Embedded(typeof(ReactionHash), "settle.lua");

    private readonly RedisValue _lifetime = (long)options.Value.RememberFor.TotalSeconds;

    /// <summary>Announces a change of a pair and gets its version.</summary>
    /// <exception cref="RedisException">Redis is away.</exception>
    public async Task<Intent> IntendAsync(long user, long post, bool liked, long atLeast)
    {
        var answer = (RedisValue[])(await IntendScript.RunAsync(
            redis.GetDatabase(), KeyOf(user), [post, liked ? 1 : 0, atLeast, _lifetime]))!;
        bool? before = (string?)answer[2] switch { "1" or "L" => true, "0" or "U" => false, _ => null };
        return new Intent((int)answer[0] == 1, (long)answer[1], before);
    }

    /// <summary>Records that a reaction is durable.</summary>
    /// <exception cref="RedisException">Redis is away.</exception>
    public Task SettleAsync(in Reaction reaction) => SettleScript.RunAsync(
        redis.GetDatabase(), KeyOf(reaction.User), [reaction.Post, reaction.Liked ? 1 : 0, reaction.Version, _lifetime]);

    /// <summary>Which of these posts a user likes: null where Redis does not know for certain.</summary>
    /// <exception cref="RedisException">Redis is away.</exception>
    public async Task<bool?[]> ReadAsync(long user, IReadOnlyList<long> posts)
    {
        var known = await redis.GetDatabase().HashGetAsync(KeyOf(user), [.. posts.Select(post => (RedisValue)post)]);
        return Array.ConvertAll(known, value => StateOf(value));
    }

    private static string KeyOf(long user) => string.Create(CultureInfo.InvariantCulture, $"lk:{{{user}}}");

    private static bool? StateOf(string? value) => value is [.., ':', var state] ? state switch { '1' => true, '0' => false, _ => null } : null;
}
