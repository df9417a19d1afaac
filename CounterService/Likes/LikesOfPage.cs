using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Reading;
using Floodgate.CounterService.Telemetry;
using Floodgate.Messaging.Counters;
using Floodgate.Nodes;
using Floodgate.Problems;
using Microsoft.Extensions.Options;
using Npgsql;
using StackExchange.Redis;

namespace Floodgate.CounterService.Likes;

/// <summary>Of one post: its likes, and whether the caller likes it.</summary>
internal sealed record PostLikes(long Likes, bool Liked);

/// <summary>
/// <c>GET /internal/likes?posts=1,2,3</c>: one round trip to Redis for all posts; one query at the node that the router
/// chose for what Redis does not know of the caller.
/// </summary>
internal sealed class LikesOfPage(
    ValueReader values, IReactionMemory hash, NodeReader nodes, IOptions<CounterOptions> options, TimeProvider time, ILogger<LikesOfPage> logger)
{
    private const int MostPosts = 100;
    private const string Sql = "SELECT post_id FROM reactions WHERE user_id = $1 AND post_id = ANY ($2) AND liked";

    /// <summary>Answers the call.</summary>
    public async Task<IResult> ReadAsync(HttpContext context, string? posts)
    {
        if (Ids.ParseList(posts, MostPosts) is not { } ids)
        {
            return Problem.Invalid("posts", $"These are 1 to {MostPosts} ids with commas between.");
        }

        var likes = values.ReadAsync([.. ids.Select(CounterId.Likes)]);
        var liked = await LikedAsync(context, ids);
        var counts = await likes;
        var answer = new Dictionary<long, PostLikes>(ids.Count);
        for (var i = 0; i < ids.Count; i++)
        {
            answer.Add(ids[i], new PostLikes(counts[i], liked[i]));
        }

        return TypedResults.Json(answer, CounterJson.Default.DictionaryInt64PostLikes);
    }

    private async Task<bool[]> LikedAsync(HttpContext context, List<long> ids)
    {
        if (context.FindUser() is not { } user)
        {
            return new bool[ids.Count];
        }

        var known = await KnownAsync(user, ids);
        var unknown = ids.Where((_, i) => known[i] is null).ToArray();
        if (unknown.Length == 0)
        {
            return Array.ConvertAll(known, state => state == true);
        }

        var read = await nodes.ReadAsync(
            context.GetNodeRead(),
            batch => batch.BatchCommands.Add(new NpgsqlBatchCommand(Sql)
            {
                Parameters = { new NpgsqlParameter<long> { TypedValue = user }, new NpgsqlParameter<long[]> { TypedValue = unknown } },
            }),
            static async (reader, cancellationToken) =>
            {
                var found = new HashSet<long>();
                while (await reader.ReadAsync(cancellationToken))
                {
                    found.Add(reader.GetInt64(0));
                }

                return found;
            },
            context.RequestAborted);
        context.SetReadAt(read);
        return [.. ids.Select((post, i) => known[i] ?? read.Value.Contains(post))];
    }

    private async Task<bool?[]> KnownAsync(long user, List<long> ids)
    {
        try
        {
            return await hash.ReadAsync(user, ids).WaitAsync(options.Value.RedisTimeout, time);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            CounterLog.RedisAway(logger, "reactions", exception.Message);
            return new bool?[ids.Count];
        }
    }
}
