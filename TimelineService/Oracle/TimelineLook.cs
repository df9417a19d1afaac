using Floodgate.Nodes;
using Floodgate.Sessions;
using Floodgate.TimelineService.Input;
using Microsoft.Extensions.Options;

namespace Floodgate.TimelineService.Oracle;

/// <summary>What one look at a timeline saw.</summary>
/// <param name="Comparison">The walk against SQL.</param>
/// <param name="Position">The position that everything SQL said is at or past.</param>
/// <param name="Node">The node it was read on.</param>
/// <param name="NothingElse">Whether nothing at all was on its way when the look began; only where it was asked for.</param>
internal sealed record Looked(TimelineComparison Comparison, WalPosition Position, string Node, bool NothingElse);

/// <summary>
/// Looks at a timeline through the pages and in SQL. The primary is asked for its position and its clock; then the pages are read at or past this position,
/// as by a session that has seen it; then SQL, at or past what the pages have shown. What was created since is not judged; what was
/// deleted, unfollowed or committed late in between may show as a difference, and does not show again.
/// </summary>
internal sealed class TimelineLook(
    TimelineWalker walker, TimelineTruth truth, OnTheWay onTheWay, PostgresNodes nodes, IOptions<OracleOptions> options, TimeProvider time)
{
    /// <summary>Looks.</summary>
    /// <param name="user">Whose timeline.</param>
    /// <param name="reach">Which post the look must go down to.</param>
    /// <param name="askWhetherDrained">Whether it is to find out first if anything is on its way.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="NodeUnavailableException">The primary does not answer, or nobody.</exception>
    /// <exception cref="OperationCanceledException">It took too long.</exception>
    public async Task<Looked> LookAsync(long user, long reach, bool askWhetherDrained, CancellationToken cancellationToken)
    {
        var nothingElse = askWhetherDrained && await WithinAsync(onTheWay.IsNothingAsync, cancellationToken);
        var began = await WithinAsync(truth.NowAsync, cancellationToken);
        var (walked, where) = await WithinAsync(
            token => walker.WalkAsync(user, options.Value.Depth, reach, At(began.Holds), token), cancellationToken);
        var right = await WithinAsync(
            token => truth.ReadAsync(user, walked.ReachesTo, IdInput.End, walked.Ids.Count + options.Value.Depth + 1, At(where.AtLeast), token), cancellationToken);
        return new Looked(TimelineComparison.Between(walked, right.Value, began.Value), right.Holds, right.Node, nothingElse);
    }

    private NodeRead At(WalPosition position) => new(nodes.NextReplica(), position);

    private async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> question, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.Value.Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        return await question(both.Token);
    }
}
