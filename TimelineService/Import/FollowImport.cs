using System.IO.Pipelines;
using Floodgate.Nodes;
using Floodgate.Redis;
using Floodgate.TimelineService.Caches;
using Floodgate.TimelineService.HomeTimelines;
using Npgsql;
using NpgsqlTypes;

namespace Floodgate.TimelineService.Import;

/// <summary>
/// Loads follows in bulk: all lines, or none where one of them is wrong. The timelines of the followers are forgotten after
/// the commit; where that fails, the same import again does it, as it names the same followers.
/// </summary>
internal sealed class FollowImport(PostgresNodes nodes, TimelineStore timelines, WriteAnnouncer announcer)
{
    private const int TimeoutSeconds = 300;
    private const int ForgetBatch = 5000;

    private const string CreateTable =
        "CREATE TEMPORARY TABLE import_follows (line integer NOT NULL, follower bigint NOT NULL, followee bigint NOT NULL) ON COMMIT DROP";

    private const string Copy = "COPY import_follows (line, follower, followee) FROM STDIN (FORMAT binary)";

    private const string FindUnknown = """
        SELECT min(line) FROM import_follows i
        WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = i.follower) OR NOT EXISTS (SELECT 1 FROM users u WHERE u.id = i.followee)
        """;

    private const string Insert = """
        INSERT INTO follows (follower, followee) SELECT follower, followee FROM import_follows WHERE follower <> followee
        ORDER BY follower, followee ON CONFLICT DO NOTHING
        """;

    private const string Followers = "SELECT DISTINCT follower FROM import_follows";

    public async Task<Imported> ImportAsync(PipeReader body, CancellationToken cancellationToken)
    {
        await using var connection = await nodes.Primary.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync(CreateTable, TimeoutSeconds, cancellationToken);
        var lines = await CopyAsync(connection, body, cancellationToken);
        await connection.ExecuteAsync("ANALYZE import_follows", TimeoutSeconds, cancellationToken);
        await using (var unknown = new NpgsqlCommand(FindUnknown, connection) { CommandTimeout = TimeoutSeconds })
        {
            if (await unknown.ExecuteScalarAsync(cancellationToken) is int line)
            {
                throw ImportLines.Wrong(line, "names a user that does not exist");
            }
        }

        var imported = await connection.ExecuteAsync(Insert, TimeoutSeconds, cancellationToken);
        var followers = await FollowersAsync(connection, cancellationToken);
        await connection.ExecuteAsync(GenerationWatch.RaiseEpochSql, TimeoutSeconds, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await announcer.EverythingAsync();
        foreach (var batch in followers.Chunk(ForgetBatch))
        {
            await timelines.ForgetAsync(batch);
        }

        return new Imported(imported, (long)lines - imported);
    }

    private static async Task<ulong> CopyAsync(NpgsqlConnection connection, PipeReader body, CancellationToken cancellationToken)
    {
        await using var import = await connection.BeginBinaryImportAsync(Copy, cancellationToken);
        await foreach (var line in ImportLines.ReadAsync(body, cancellationToken))
        {
            if (!ImportLines.TryReadId(line.Rest, out var followee))
            {
                throw ImportLines.Wrong(line.Number, "is not two ids with a space between");
            }

            await import.StartRowAsync(cancellationToken);
            await import.WriteAsync(line.Number, NpgsqlDbType.Integer, cancellationToken);
            await import.WriteAsync(line.Id, NpgsqlDbType.Bigint, cancellationToken);
            await import.WriteAsync(followee, NpgsqlDbType.Bigint, cancellationToken);
        }

        return await import.CompleteAsync(cancellationToken);
    }

    private static async Task<List<long>> FollowersAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Followers, connection) { CommandTimeout = TimeoutSeconds };
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var followers = new List<long>();
        while (await row.ReadAsync(cancellationToken))
        {
            followers.Add(row.GetInt64(0));
        }

        return followers;
    }
}
