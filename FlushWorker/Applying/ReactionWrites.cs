using Floodgate.Messaging.Counters;
using Npgsql;

namespace Floodgate.FlushWorker.Applying;

/// <summary>Writes the reactions of a batch and takes the likes from the rows that really changed.</summary>
internal static class ReactionWrites
{
    /// <summary>Writes them and adds to the content what each post gains or loses.</summary>
    public static async Task WriteAsync(NpgsqlConnection connection, BatchContent content, CancellationToken cancellationToken)
    {
        if (content.Reactions.Count == 0)
        {
            return;
        }

        await using var batch = Compose(connection, [.. content.Reactions]);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var before = new Dictionary<(long User, long Post), bool>();
        while (await reader.ReadAsync(cancellationToken))
        {
            before.Add((reader.GetInt64(0), reader.GetInt64(1)), reader.GetBoolean(2));
        }

        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (user, post, liked, isNew) = (reader.GetInt64(0), reader.GetInt64(1), reader.GetBoolean(2), reader.GetBoolean(3));
            if (!before.TryGetValue((user, post), out var was) && !isNew)
            {
                // Only where the number of partitions was changed, and a pair is in two of them for a while.
                throw new InvalidOperationException($"Another partition wrote the pair ({user}, {post}) just now; the batch is run again.");
            }

            if (liked != was)
            {
                content.Add(CounterId.Likes(post), liked ? 1 : -1);
            }
        }
    }

    private static NpgsqlBatch Compose(NpgsqlConnection connection, Reaction[] reactions)
    {
        var users = new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(reactions, of => of.User) };
        var posts = new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(reactions, of => of.Post) };
        return new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(FlushSql.LockReactions) { Parameters = { users, posts } },
                new NpgsqlBatchCommand(FlushSql.WriteReactions)
                {
                    Parameters =
                    {
                        users.Clone(),
                        posts.Clone(),
                        new NpgsqlParameter<bool[]> { TypedValue = Array.ConvertAll(reactions, of => of.Liked) },
                        new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(reactions, of => of.Version) },
                    },
                },
            },
        };
    }
}
