using Floodgate.Nodes;
using Floodgate.Sessions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Floodgate.TimelineService.FanOut;

/// <summary>Reads the followers of an author, on the replicas in turn, at or past a position.</summary>
internal sealed class FollowerReader(NodeReader reader, PostgresNodes nodes, IOptions<TimelineOptions> options)
{
    // A job that ends at a follower is bounded by it: a limit would cut off its last ones where new followers came between. Two statements, so that the index
    // gives nothing that has to be looked at again.
    private const string First = "SELECT follower FROM follows WHERE followee = $1 AND follower > $2 ORDER BY follower LIMIT $3";

    private const string Between = "SELECT follower FROM follows WHERE followee = $1 AND follower > $2 AND follower <= $3 ORDER BY follower";

    private const string Bounds = """
        SELECT follower FROM (SELECT follower, row_number() OVER (ORDER BY follower) AS place FROM follows WHERE followee = $1) AS f WHERE place % $2 = 0
        ORDER BY follower
        """;

    private const string FirstOfEach = """
        SELECT ARRAY(SELECT follower FROM follows WHERE followee = author ORDER BY follower LIMIT $2)
        FROM unnest($1) WITH ORDINALITY AS wanted (author, place) ORDER BY place
        """;

    private const string Among = "SELECT follower FROM follows WHERE followee = $1 AND follower = ANY ($2)";

    /// <summary>A chunk of followers; a full one where there may be more after it.</summary>
    public Task<List<long>> ChunkAsync(long author, long after, long until, WalPosition position, CancellationToken cancellationToken) =>
        until == 0
            ? ReadAsync(First, position, [Of(author), Of(after), Of(options.Value.ChunkSize)], cancellationToken)
            : ReadAsync(Between, position, [Of(author), Of(after), Of(until)], cancellationToken);

    /// <summary>The first chunk of the followers of each of these authors.</summary>
    public async Task<List<List<long>>> FirstChunksAsync(long[] authors, WalPosition position, CancellationToken cancellationToken)
    {
        var read = await reader.ReadAsync(
            new NodeRead(nodes.NextReplica(), position),
            batch => batch.BatchCommands.Add(new NpgsqlBatchCommand(FirstOfEach) { Parameters = { Of(authors), Of(options.Value.ChunkSize) } }),
            async (row, token) =>
            {
                var chunks = new List<List<long>>(authors.Length);
                while (await row.ReadAsync(token))
                {
                    chunks.Add(row.GetFieldValue<List<long>>(0));
                }

                return chunks;
            },
            cancellationToken);
        return read.Value;
    }

    /// <summary>The last follower of each full chunk.</summary>
    public Task<List<long>> BoundsAsync(long author, WalPosition position, CancellationToken cancellationToken) =>
        ReadAsync(Bounds, position, [Of(author), Of(options.Value.ChunkSize)], cancellationToken);

    /// <summary>Which of these users follow.</summary>
    public Task<List<long>> AmongAsync(long author, long[] users, WalPosition position, CancellationToken cancellationToken) =>
        ReadAsync(Among, position, [Of(author), Of(users)], cancellationToken);

    private async Task<List<long>> ReadAsync(string sql, WalPosition position, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        var read = await reader.ReadAsync(
            new NodeRead(nodes.NextReplica(), position),
            batch =>
            {
                // One array: a row for each follower costs several times as much.
                var command = new NpgsqlBatchCommand($"SELECT ARRAY({sql})");
                foreach (var parameter in parameters)
                {
                    command.Parameters.Add(parameter.Clone());
                }

                batch.BatchCommands.Add(command);
            },
            async (row, token) =>
            {
                await row.ReadAsync(token);
                return row.GetFieldValue<List<long>>(0);
            },
            cancellationToken);
        return read.Value;
    }

    private static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };
}
