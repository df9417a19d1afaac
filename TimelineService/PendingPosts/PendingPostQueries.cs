using Floodgate.Nodes;
using Floodgate.TimelineService.Posts;
using Npgsql;

namespace Floodgate.TimelineService.PendingPosts;

/// <summary>What a node knows of a pending post.</summary>
/// <param name="PostId">The post that it became; null where it has not ended, or was refused.</param>
/// <param name="Post">That post; null where it was deleted since.</param>
/// <param name="Refusal">Why it was refused.</param>
/// <param name="DrainedUntil">Everything that was queued before has ended.</param>
internal sealed record PendingPostEnd(long? PostId, Post? Post, string? Refusal, DateTimeOffset DrainedUntil);

/// <summary>Reads how pending posts ended, from any node.</summary>
internal sealed class PendingPostQueries(NodeReader reader)
{
    // One statement, so one snapshot: the end of a post is written before the horizon passes it.
    private const string Find = $"""
        SELECT {PostQueries.Columns}, d.post_id, d.refusal, h.drained_until
        FROM pending_horizon h
        LEFT JOIN pending_posts d ON d.id = $1
        LEFT JOIN posts p ON p.id = d.post_id AND p.deleted_at IS NULL
        """;

    public Task<ReadAt<PendingPostEnd>> FindAsync(Guid id, NodeRead where, CancellationToken cancellationToken) =>
        reader.ReadAsync(
            where,
            batch => batch.BatchCommands.Add(new NpgsqlBatchCommand(Find) { Parameters = { new NpgsqlParameter<Guid> { TypedValue = id } } }),
            async (row, token) =>
            {
                await row.ReadAsync(token);
                return new PendingPostEnd(
                    row.IsDBNull(5) ? null : row.GetInt64(5),
                    row.IsDBNull(0) ? null : PostQueries.Read(row),
                    row.IsDBNull(6) ? null : row.GetString(6),
                    row.GetFieldValue<DateTimeOffset>(7));
            },
            cancellationToken);
}
