using Floodgate.Nodes;
using Floodgate.TimelineService.FanOut;
using Npgsql;

namespace Floodgate.TimelineService.Oracle;

/// <summary>Knows what can still explain that a timeline differs from SQL.</summary>
internal sealed class OnTheWay(BacklogProbe backlog, TimelineTruth truth, OpenJobs open)
{
    /// <summary>Whether nothing at all is on its way: no row in the outbox, no job. False where that cannot be told.</summary>
    public async Task<bool> IsNothingAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await backlog.BacklogAsync(cancellationToken) is { Messages: 0, Outbox: 0 };
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested
            && exception is TimeoutException or NpgsqlException or NodeUnavailableException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Of these posts those that are themselves on their way. Those of which Redis cannot say it, too.</summary>
    /// <exception cref="NodeUnavailableException">The primary does not answer.</exception>
    public async Task<HashSet<long>> AmongAsync(long user, long[] posts, CancellationToken cancellationToken)
    {
        var found = await truth.OnTheirWayAsync(user, posts, cancellationToken);
        foreach (var post in posts)
        {
            if (!found.Contains(post) && await open.IsOpenAsync(post) != false)
            {
                found.Add(post);
            }
        }

        return found;
    }
}
