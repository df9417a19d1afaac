using Floodgate.Messaging.Counters;
using Npgsql;
using static Floodgate.FlushWorker.Applying.StatementBatch;

namespace Floodgate.FlushWorker.Applying;

/// <summary>Reads pairs as they are.</summary>
internal static class ReactionStates
{
    /// <summary>Reads them.</summary>
    /// <param name="connection">The primary.</param>
    /// <param name="pairs">Which.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Those that there are.</returns>
    public static async Task<IReadOnlyList<Reaction>> ReadAsync(NpgsqlConnection connection, IReadOnlyList<Reaction> pairs, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(FlushSql.FindReactions, Parameter(pairs.Select(pair => pair.User).ToArray()), Parameter(pairs.Select(pair => pair.Post).ToArray()));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var found = new List<Reaction>(pairs.Count);
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new Reaction(reader.GetInt64(0), reader.GetInt64(1), reader.GetBoolean(2), reader.GetInt64(3)));
        }

        return found;
    }
}
