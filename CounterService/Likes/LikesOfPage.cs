using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Reading;
using Floodgate.CounterService.Telemetry;
using Floodgate.Messaging.Counters;
using Floodgate.Nodes;
using Floodgate.Problems;
using Floodgate.VisibleValues.Reactions;
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
    ValueReader values, IReactionMemory memory, ReactionFill fill, NodeReader nodes, RedisPatience patience, ILogger<LikesOfPage> logger)
{
    private const int MostPosts = 100;
    private const string Sql = "SELECT post_id, liked, version FROM reactions WHERE user_id = $1 AND post_id = ANY ($2)";

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

    private async Task<bool[]> LikedAsync(HttpContext context, List<long> posts)
    {
        if (context.FindUser() is not { } user)
        {
            return new bool[posts.Count];
        }

        var remembered = await RememberedAsync(user, posts);
        var unknown = PairStates.Unknown(posts, remembered);
        if (unknown.Length == 0)
        {
            return PairStates.Merge(posts, remembered, new Dictionary<long, FlushedReaction>());
        }

        var read = await nodes.ReadAsync(
            context.GetNodeRead(),
            batch => batch.BatchCommands.Add(new NpgsqlBatchCommand(Sql)
            {
                Parameters = { new NpgsqlParameter<long> { TypedValue = user }, new NpgsqlParameter<long[]> { TypedValue = unknown } },
            }),
            static async (reader, cancellationToken) =>
            {
                var found = new Dictionary<long, FlushedReaction>();
                while (await reader.ReadAsync(cancellationToken))
                {
                    found.Add(reader.GetInt64(0), new FlushedReaction(reader.GetBoolean(1), reader.GetInt64(2)));
                }

                return found;
            },
            context.RequestAborted);
        context.SetReadAt(read);
        return PairStates.Merge(posts, remembered, read.Value);
    }

    private async Task<RememberedReactions> RememberedAsync(long user, List<long> posts)
    {
        try
        {
            var remembered = await patience.WaitAsync(memory.ReadAsync(user, posts));
            fill.Offer(user, remembered);
            return remembered;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            CounterLog.RedisAway(logger, "reactions", exception.Message);
            return RememberedReactions.Nothing(posts.Count);
        }
    }
}
