using Floodgate.Nodes;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Floodgate.TimelineService.Posts;

/// <summary>Forgets Idempotency-Keys once they are old enough, some at a time.</summary>
internal sealed class PostRequestExpiry(
    PostgresNodes nodes, SchemaMigration schema, IOptions<TimelineOptions> options, TimeProvider time, ILogger<PostRequestExpiry> logger) : BackgroundService
{
    private const string Delete = """
        DELETE FROM post_requests WHERE (user_id, key) IN (
            SELECT user_id, key FROM post_requests WHERE created_at < now() - $1::interval LIMIT $2)
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
                while (await DeleteSomeAsync(stoppingToken) == Batch)
                {
                    // There are more.
                }
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
            {
                Log.ExpiryFailed(logger, exception);
            }

            await Task.Delay(Pause, time, stoppingToken);
        }
    }

    private async Task<int> DeleteSomeAsync(CancellationToken stoppingToken)
    {
        await using var command = nodes.Primary.CreateCommand(Delete);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.RequestKeyLifetime });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Batch });
        return await command.ExecuteNonQueryAsync(stoppingToken);
    }
}
