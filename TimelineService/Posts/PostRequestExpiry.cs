using Floodgate.Nodes;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Floodgate.TimelineService.Posts;

/// <summary>
/// Forgets Idempotency-Keys and the ends of pending posts once they are old enough, some at a time. Old enough is counted from
/// the moment up to which the queue of pending posts is drained, not from now: a message that still waits may need them.
/// </summary>
internal sealed class PostRequestExpiry(
    PostgresNodes nodes, SchemaMigration schema, IOptions<TimelineOptions> options, TimeProvider time, ILogger<PostRequestExpiry> logger) : BackgroundService
{
    private const string DeleteKeys = """
        DELETE FROM post_requests WHERE (user_id, key) IN (
            SELECT user_id, key FROM post_requests WHERE created_at < (SELECT drained_until FROM pending_horizon) - $1::interval LIMIT $2)
        """;

    private const string DeleteEnds = """
        DELETE FROM pending_posts WHERE id IN (
            SELECT id FROM pending_posts WHERE decided_at < (SELECT drained_until FROM pending_horizon) - $1::interval LIMIT $2)
        """;

    private const int Batch = 10_000;

    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.Completed.WaitAsync(stoppingToken);
        while (true)
        {
            try
            {
                await ForgetAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                Log.ExpiryFailed(logger, exception);
            }

            await Task.Delay(Pause, time, stoppingToken);
        }
    }

    /// <summary>Forgets all that is old enough.</summary>
    internal async Task ForgetAsync(CancellationToken stoppingToken)
    {
        foreach (var delete in (string[])[DeleteKeys, DeleteEnds])
        {
            while (await DeleteSomeAsync(delete, stoppingToken) == Batch)
            {
                // There are more.
            }
        }
    }

    private async Task<int> DeleteSomeAsync(string delete, CancellationToken stoppingToken)
    {
        await using var command = nodes.Primary.CreateCommand(delete);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.RequestKeyLifetime });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Batch });
        return await command.ExecuteNonQueryAsync(stoppingToken);
    }
}
