using System.Globalization;
using Floodgate.Bench.Gateway;
using Floodgate.Bench.Measuring;

namespace Floodgate.Bench.Replay;

/// <summary>Compares home timelines, read page by page as a client reads them, with the plain SQL answer.</summary>
internal sealed class TimelineComparison(GatewayClient client, SessionDirectory sessions, Oracle oracle)
{
    /// <summary>How many of the newest entries are compared.</summary>
    public const int Depth = 100;

    private const int MostPages = 20;
    private const int AtOnce = 8;

    private readonly Lock _gate = new();
    private TimelineDifference _sum;
    private long _timelines;
    private long _entries;
    private long _different;
    private long _unread;

    /// <summary>The first differences.</summary>
    public NotedFaults Faults { get; } = new(20);

    /// <summary>Timelines compared.</summary>
    public long Timelines => _timelines;

    /// <summary>Timelines that differ or could not be read.</summary>
    public long Wrong => _different + _unread;

    /// <summary>Reads the first page of some timelines, so that they exist and posts are pushed to them.</summary>
    public Task OpenAsync(IReadOnlyList<int> users, Progress progress, CancellationToken cancellation) =>
        ForEachAsync(users, progress, OpenAsync, cancellation);

    /// <summary>Compares the timelines of some users.</summary>
    public Task RunAsync(IReadOnlyList<int> users, Progress progress, CancellationToken cancellation) =>
        ForEachAsync(users, progress, CompareAsync, cancellation);

    /// <summary>The table of the comparison.</summary>
    public ReportTable ToTable()
    {
        var table = new ReportTable(
            "Sampled home timelines against SQL", "timelines", "entries", "missing", "extra", "duplicate", "out of order", "timelines that differ", "not read");
        table.Add(_timelines, _entries, _sum.Missing, _sum.Extra, _sum.Duplicate, _sum.Disordered, _different, _unread);
        return table;
    }

    private Task ForEachAsync(
        IReadOnlyList<int> users, Progress progress, Func<UserSession?, CancellationToken, Task> work, CancellationToken cancellation) =>
        Parallel.ForEachAsync(users, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (user, token) =>
        {
            await work(await sessions.OpenAsync(user, token), token);
            progress.Add(1);
        });

    private async Task OpenAsync(UserSession? session, CancellationToken cancellation)
    {
        if (session is not null) await HomeTimeline.ReadAsync(client, session, null, cancellation);
    }

    private async Task CompareAsync(UserSession? session, CancellationToken cancellation)
    {
        var shown = session is null ? null : await ReadAsync(session, cancellation);
        var right = session is null || shown is null ? null : await oracle.TimelineAsync(session.User, Depth, cancellation);
        lock (_gate)
        {
            _timelines++;
            if (session is null || shown is null || right is null)
            {
                _unread++;
                return;
            }

            var difference = TimelineDifference.Between(shown.Value.Ids, shown.Value.Ended, right, Depth);
            _entries += shown.Value.Ids.Count;
            _sum = new TimelineDifference(
                _sum.Missing + difference.Missing,
                _sum.Extra + difference.Extra,
                _sum.Duplicate + difference.Duplicate,
                _sum.Disordered + difference.Disordered);
            if (difference.IsNone) return;
            _different++;
            Faults.Note(string.Create(CultureInfo.InvariantCulture, $"timeline of user {session.User}: {difference}"));
        }
    }

    private async Task<(IReadOnlyList<long> Ids, bool Ended)?> ReadAsync(UserSession session, CancellationToken cancellation)
    {
        var ids = new List<long>(Depth + 20);
        string? cursor = null;
        for (var page = 0; page < MostPages && ids.Distinct().Count() < Depth; page++)
        {
            var answer = await HomeTimeline.ReadAsync(client, session, cursor, cancellation);
            if (answer.Value is null) return null;
            ids.AddRange(answer.Value.Items.Select(i => i.Id));
            cursor = answer.Value.Next;
            if (cursor is null) return (ids, true);
        }

        return (ids, false);
    }
}
