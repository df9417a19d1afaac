using System.Collections.Concurrent;
using Floodgate.Nodes;
using Floodgate.Sessions;
using Microsoft.Extensions.Options;

namespace Floodgate.TimelineService.HomeTimelines;

/// <summary>
/// Builds a missing home timeline so that no post falls between the rebuild and fan-out: the key is created first, so
/// that pushes arrive in it, and SQL is then read at a position not older than that. What was committed before is read,
/// what is committed later is pushed. In one process one rebuild of a user runs at a time; of two processes, the one that
/// created the key does it.
/// </summary>
internal sealed class TimelineRebuilder(
    TimelineStore store, TimelineQueries queries, PostgresNodes nodes, IOptions<NodeOptions> nodeOptions, IOptions<TimelineOptions> options,
    TimelineMetrics metrics, TimeProvider time, ILogger<TimelineRebuilder> logger)
{
    private readonly ConcurrentDictionary<long, Lazy<Task>> _running = new();

    /// <summary>
    /// Rebuilds a timeline, or waits for the rebuild under way. Whether it is there now must be looked at: a rebuild that
    /// was under way may have begun before what the caller wants to see, and is then rejected.
    /// </summary>
    /// <param name="user">Whose timeline.</param>
    /// <param name="where">A node to read at, once it is far enough.</param>
    /// <param name="cancellationToken">Stops waiting, not the rebuild.</param>
    /// <returns>Whether it ended within <see cref="TimelineOptions.RebuildPatience"/>; otherwise it goes on.</returns>
    public async Task<bool> RebuildAsync(long user, NodeRead where, CancellationToken cancellationToken)
    {
        var rebuild = _running.GetOrAdd(user, _ => new Lazy<Task>(() => RunAsync(user, where)));
        try
        {
            await rebuild.Value.WaitAsync(options.Value.RebuildPatience, time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task RunAsync(long user, NodeRead where)
    {
        await Task.Yield();
        var began = time.GetTimestamp();
        var outcome = "failed";
        try
        {
            using var activity = TimelineMetrics.Source.StartActivity("timeline rebuild");
            using var limited = new CancellationTokenSource(options.Value.RebuildTimeout, time);
            outcome = await RebuildAsync(user, Guid.NewGuid().ToString("N"), where, limited.Token);
            activity?.SetTag("floodgate.outcome", outcome);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Log.RebuildFailed(logger, user, exception);
        }
        finally
        {
            _running.TryRemove(user, out _);
            metrics.RebuildEnded(outcome, time.GetElapsedTime(began));
        }
    }

    private async Task<string> RebuildAsync(long user, string rebuild, NodeRead where, CancellationToken cancellationToken)
    {
        if (!await store.TryBeginAsync(user, rebuild))
        {
            return "not-mine";
        }

        try
        {
            var snapshot = await PositionAsync(cancellationToken);
            var cap = options.Value.Cap;
            var ids = await queries.IdsAsync(
                user, Input.IdInput.End, cap, where with { AtLeast = nodes.View.History.Furthest(where.AtLeast, snapshot) }, cancellationToken);
            var floor = ids.Value.Count < cap ? 0 : ids.Value[^1];
            return await store.TryCompleteAsync(user, rebuild, floor, ids.Value) ? "written" : "rejected";
        }
        catch
        {
            await store.TryAbandonAsync(user, rebuild);
            throw;
        }
    }

    private async Task<WalPosition> PositionAsync(CancellationToken cancellationToken)
    {
        // A primary that hangs must not hold up a reader whom a replica can serve from SQL.
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(nodeOptions.Value.ReadTimeout);
        return await AskAsync(limited.Token).WaitAsync(limited.Token);
    }

    private async Task<WalPosition> AskAsync(CancellationToken cancellationToken)
    {
        await using var connection = await nodes.Primary.OpenConnectionAsync(cancellationToken);
        return await WalPositionQuery.AfterCommitAsync(connection, cancellationToken);
    }
}
