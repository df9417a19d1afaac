using System.Globalization;
using Floodgate.TimelineService.HomeTimelines;
using Microsoft.Extensions.Options;

namespace Floodgate.TimelineService.Oracle;

/// <summary>
/// Compares home timelines with plain SQL, one at a time. A post that is missing or extra is only suspected at first, and the timeline looked at again; it
/// counts once every look of several has shown it and nothing on its way explains it. A post shown twice, or after an older one,
/// counts at once: nothing explains that. A timeline that differs is forgotten, so that it is built anew. Not safe for concurrent use.
/// </summary>
internal sealed class SampledOracle(
    TimelineLook look, OnTheWay onTheWay, TimelineStore store, OracleTotals totals, OracleMetrics metrics, IOptions<OracleOptions> options, TimeProvider time,
    ILogger<SampledOracle> logger)
{
    private const int LoggedPosts = 20;

    private readonly List<Suspect> _suspects = [];

    /// <summary>When a timeline must be looked at again; null where none must.</summary>
    public DateTimeOffset? NextDue => _suspects.Count == 0 ? null : _suspects.Min(suspect => suspect.Due);

    /// <summary>Whether a further timeline may be sampled.</summary>
    public bool HasRoom => _suspects.Count < options.Value.MaximumSuspects;

    /// <summary>Looks at a timeline for the first time; one that is under suspicion already is left alone.</summary>
    /// <returns>Whether it was looked at.</returns>
    public async Task<bool> SampleAsync(long user, CancellationToken cancellationToken)
    {
        if (_suspects.Exists(suspect => suspect.User == user))
        {
            return false;
        }

        var suspect = new Suspect(user, options.Value);
        var looked = await LookAsync(suspect, long.MaxValue, cancellationToken);
        totals.Sampled(looked.Comparison.Entries, looked.Position.ToString());
        if (suspect.Count > 0)
        {
            _suspects.Add(suspect);
        }

        Tell();
        return true;
    }

    /// <summary>Looks again at the suspect that has waited longest, if its time has come.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> LookAgainAsync(CancellationToken cancellationToken)
    {
        var suspect = _suspects.MinBy(of => of.Due);
        if (suspect is null || suspect.Due > time.GetUtcNow())
        {
            return false;
        }

        suspect.Postpone(time.GetUtcNow());
        await LookAsync(suspect, suspect.Lowest, cancellationToken);
        if (suspect.Count == 0)
        {
            _suspects.Remove(suspect);
        }

        Tell();
        return true;
    }

    private async Task<Looked> LookAsync(Suspect suspect, long reach, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var outcome = "failed";
        try
        {
            var looked = await look.LookAsync(suspect.User, reach, askWhetherDrained: suspect.Count > 0 || options.Value.Confirmations == 1, cancellationToken);
            var often = suspect.Look(looked.Comparison, time.GetUtcNow());
            outcome = suspect.Count == 0 ? "same" : "different";
            await JudgeAsync(suspect, looked, often, cancellationToken);
            if (suspect.Count > 0)
            {
                Log.TimelineSuspected(logger, suspect.User, suspect.Count, suspect.Due);
            }

            return looked;
        }
        finally
        {
            metrics.Looked(outcome, time.GetElapsedTime(began));
        }
    }

    private async Task JudgeAsync(Suspect suspect, Looked looked, IReadOnlyList<Suspicion> often, CancellationToken cancellationToken)
    {
        var confirmed = new List<Suspicion>();
        if (looked.NothingElse)
        {
            confirmed.AddRange(often);
        }
        else if (often.Where(suspicion => suspect.IsSettled(suspicion, time.GetUtcNow())).ToList() is { Count: > 0 } settled)
        {
            var explained = await onTheWay.AmongAsync(suspect.User, [.. settled.Select(suspicion => suspicion.Post)], cancellationToken);
            confirmed.AddRange(settled.Where(suspicion => !explained.Contains(suspicion.Post)));
        }

        confirmed.ForEach(suspect.Close);
        var found = confirmed.ToLookup(suspicion => suspicion.Kind, suspicion => suspicion.Post);
        (DifferenceKind Kind, IReadOnlyList<long> Posts)[] differences =
        [
            (DifferenceKind.Missing, [.. found[DifferenceKind.Missing]]),
            (DifferenceKind.Extra, [.. found[DifferenceKind.Extra]]),
            (DifferenceKind.Duplicate, looked.Comparison.Duplicate),
            (DifferenceKind.Disordered, looked.Comparison.Disordered),
        ];
        if (differences.Any(difference => difference.Posts.Count > 0))
        {
            await ReportAsync(suspect.User, looked, differences.Where(difference => difference.Posts.Count > 0));
        }
    }

    private async Task ReportAsync(long user, Looked looked, IEnumerable<(DifferenceKind Kind, IReadOnlyList<long> Posts)> differences)
    {
        var forgotten = options.Value.Repair && await store.TryForgetAsync(user);
        foreach (var (kind, posts) in differences)
        {
            var name = OracleMetrics.NameOf(kind);
            var lsn = looked.Position.ToString();
            var text = string.Join(", ", posts.Take(LoggedPosts).Select(post => post.ToString(CultureInfo.InvariantCulture)));
            Log.TimelineDiffers(logger, user, name, posts.Count > LoggedPosts ? $"{text} and {posts.Count - LoggedPosts} more" : text, looked.Node, lsn, forgotten);
            totals.Found(kind, posts.Count, new OracleFinding(time.GetUtcNow(), user, name, [.. posts.Take(LoggedPosts)], lsn, looked.Node, forgotten));
        }
    }

    private void Tell() => totals.Suspected(_suspects.Sum(suspect => suspect.Count));
}
