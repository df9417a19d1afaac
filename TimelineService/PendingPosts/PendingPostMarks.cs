using Floodgate.Nodes;
using Microsoft.Extensions.Options;

namespace Floodgate.TimelineService.PendingPosts;

/// <summary>
/// Sends a mark through the queue now and then: once it comes out, everything before it has ended. Not while the primary is
/// away, as nothing comes out then; and one of the instances is enough.
/// </summary>
internal sealed class PendingPostMarks(
    PendingPostQueue queue, PendingPostStore store, SchemaMigration schema, IOptions<TimelineOptions> options, TimeProvider time,
    ILogger<PendingPostMarks> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.Completed.WaitAsync(stoppingToken);
        while (true)
        {
            await Task.Delay(options.Value.PendingMark, time, stoppingToken);
            using var limited = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            limited.CancelAfter(options.Value.WriteTimeout);
            try
            {
                if (await store.IsHorizonOlderAsync(options.Value.PendingMark / 2, limited.Token))
                {
                    await queue.PublishMarkAsync(time.GetUtcNow(), limited.Token);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested && exception is not OutOfMemoryException)
            {
                Log.PendingNotMarked(logger, exception.Message);
            }
        }
    }
}
