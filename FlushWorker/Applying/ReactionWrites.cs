using Npgsql;
using static Floodgate.FlushWorker.Applying.StatementBatch;

namespace Floodgate.FlushWorker.Applying;

/// <summary>Writes the reactions of a batch and takes the likes from the rows that really changed.</summary>
internal static class ReactionWrites
{
    /// <summary>Adds the statements.</summary>
    public static void Compose(NpgsqlBatch batch, BatchContent content)
    {
        var reactions = content.Reactions.ToArray();
        var users = Array.ConvertAll(reactions, of => of.User);
        var posts = Array.ConvertAll(reactions, of => of.Post);
        batch.Add(FlushSql.LockReactions, Parameter(users), Parameter(posts));
        batch.Add(
            FlushSql.WriteReactions, Parameter(users), Parameter(posts), Parameter(Array.ConvertAll(reactions, of => of.Liked)),
            Parameter(Array.ConvertAll(reactions, of => of.Version)));
    }

    /// <summary>Reads their results, and adds to the content what each post gains or loses.</summary>
    /// <exception cref="PairTakenException">Another partition was faster.</exception>
    public static async Task ReadAsync(NpgsqlDataReader reader, BatchContent content, CancellationToken cancellationToken)
    {
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
                throw new PairTakenException(user, post);
            }

            if (liked != was)
            {
                content.Change(user, post, liked ? 1 : -1);
            }
        }
    }
}
