using System.Collections.Concurrent;
using Floodgate.Nodes;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Floodgate.TimelineService.PullRanges;

/// <summary>
/// How many followers authors have, counted up to one past the threshold and remembered for a while: it decides how posts travel, and a number of a moment
/// ago does as well.
/// </summary>
internal sealed class Audiences(NodeReader reader, PostgresNodes nodes, IOptions<TimelineOptions> options, TimeProvider time)
{
    private const int MostRemembered = 100_000;

    private const string Count = """
        SELECT a, (SELECT count(*) FROM (SELECT 1 FROM follows WHERE followee = a LIMIT $2) AS f) FROM unnest($1) AS a
        """;

    private readonly ConcurrentDictionary<long, (int Followers, long At)> _known = new();

    /// <summary>The sizes of audiences, at most one more than the threshold.</summary>
    /// <exception cref="NodeUnavailableException">No node answers.</exception>
    public async Task<Dictionary<long, int>> SizesAsync(IReadOnlyCollection<long> authors, CancellationToken cancellationToken)
    {
        var sizes = new Dictionary<long, int>(authors.Count);
        List<long>? unknown = null;
        foreach (var author in authors)
        {
            if (_known.TryGetValue(author, out var known) && time.GetElapsedTime(known.At) < options.Value.AudienceLifetime)
            {
                sizes[author] = known.Followers;
            }
            else
            {
                (unknown ??= []).Add(author);
            }
        }

        if (unknown is null)
        {
            return sizes;
        }

        if (_known.Count > MostRemembered)
        {
            _known.Clear();
        }

        var counted = await reader.ReadAsync(
            new NodeRead(nodes.NextReplica(), Sessions.WalPosition.None),
            batch => batch.BatchCommands.Add(new NpgsqlBatchCommand(Count)
            {
                Parameters =
                {
                    new NpgsqlParameter<long[]> { TypedValue = [.. unknown] },
                    new NpgsqlParameter<int> { TypedValue = options.Value.Threshold + 1 },
                },
            }),
            ReadAsync,
            cancellationToken);
        foreach (var (author, followers) in counted.Value)
        {
            _known[author] = (followers, time.GetTimestamp());
            sizes[author] = followers;
        }

        return sizes;
    }

    private static async Task<Dictionary<long, int>> ReadAsync(NpgsqlDataReader row, CancellationToken cancellationToken)
    {
        var sizes = new Dictionary<long, int>();
        while (await row.ReadAsync(cancellationToken))
        {
            sizes[row.GetInt64(0)] = (int)row.GetInt64(1);
        }

        return sizes;
    }
}
