using System.Globalization;
using Floodgate.Bench.Measuring;
using Npgsql;

namespace Floodgate.Bench.Timelines;

/// <summary>
/// Fan-out end to end: posts are written with their outbox rows as POST writes them, many in a transaction, and go through the relays, the durable queues
/// and the consumers of TimelineService into living timelines. First few authors write all of them, so that posts of one author travel together; then each
/// author writes one, so that none do.
/// </summary>
internal sealed class FanOutPart(
    TimelinesOptions options, NpgsqlDataSource primary, Backlog backlog, LivingTimelines living, CostMeter costs, TimeProvider time)
{
    private const int PostsPerCommit = 500;
    private const int Sampled = 20;
    private const double GoalRate = 300_000;
    private const int WarmUpEntries = 100_000;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    private const string Insert = """
        WITH p AS (INSERT INTO posts (author, text) SELECT author, $2 FROM unnest($1) AS author RETURNING id, author),
            told AS (INSERT INTO outbox (kind, user_id, post_id) SELECT 'post', author, id FROM p)
        SELECT author, max(id) FROM p GROUP BY author
        """;

    /// <summary>Measures.</summary>
    /// <param name="limit">Commands a second of the limit; null where it was not measured.</param>
    /// <param name="progress">Counts sizes of audience.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<PartResult> RunAsync(double? limit, Progress progress, CancellationToken cancellation)
    {
        var result = new PartResult();
        var table = new ReportTable(
            "Fan-out end to end", "followers", "authors", "posts", "entries", "written after", "drained after", "entries/s", "of the limit");
        result.Tables.Add(table);
        var loads = Population.PushedSizes.Select(size => (Size: size, Authors: Population.PushersOf(size).ToArray(), Posts: Math.Max(1, options.Entries / size), Name: "fan-out end to end"))
            .Concat(Population.PushedSizes.Select(size => (Size: size, Authors: Population.SinglesOf(size).ToArray(), Posts: Population.SinglesOf(size).Count(), Name: "the same, each author posts once"))).ToList();
        await WarmUpAsync(cancellation);
        foreach (var (size, authors, posts, name) in loads)
        {
            var before = costs.Begin();
            var (newest, firstCommit, written) = await WriteAsync(authors, posts, cancellation);
            await backlog.DrainAsync(Look, cancellation);
            var took = time.GetElapsedTime(firstCommit);
            var used = costs.Since(before);
            var entries = (long)posts * size;
            var rate = entries / took.TotalSeconds;
            var of = limit is { } rps ? string.Create(CultureInfo.InvariantCulture, $"{rate / rps:0.00} ×") : "–";
            table.Add(size.ToString("N0", CultureInfo.InvariantCulture), authors.Length, posts, entries, posts > PostsPerCommit ? written : "at once", took, (long)rate, of);
            result.Costs.Add((string.Create(CultureInfo.InvariantCulture, $"entry of {name}, {size:N0} followers"), entries, used));
            result.Summary.Add(new SummaryLine(
                string.Create(CultureInfo.InvariantCulture, $"{name}, {size:N0} followers"),
                string.Create(CultureInfo.InvariantCulture, $"{rate:N0} entries/s"),
                limit is null ? "" : of + " the limit",
                "300,000 entries/s",
                rate >= GoalRate));
            if (await living.MissingAsync(Samples(size, authors, newest)) is > 0 and var missing) result.Faults.Add($"{missing} sampled timelines lack the newest post of their author with {size} followers.");
            progress.Add(1);
        }

        return result;
    }

    // The services have just been started: until they have compiled what they use much, something else is measured.
    private async Task WarmUpAsync(CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        do
        {
            foreach (var size in Population.PushedSizes)
            {
                await WriteAsync([.. Population.SinglesOf(size)], WarmUpEntries / size, cancellation);
                await WriteAsync([.. Population.PushersOf(size)], WarmUpEntries / size, cancellation);
                await backlog.DrainAsync(Look, cancellation);
            }
        }
        while (time.GetElapsedTime(started) < WarmUp);
    }

    private async Task<(Dictionary<long, long> Newest, long FirstCommit, TimeSpan Written)> WriteAsync(long[] authors, int posts, CancellationToken cancellation)
    {
        var newest = new Dictionary<long, long>();
        var firstCommit = 0L;
        await using var connection = await primary.OpenConnectionAsync(cancellation);
        for (var done = 0; done < posts; done += PostsPerCommit)
        {
            var some = Enumerable.Range(done, Math.Min(PostsPerCommit, posts - done)).Select(i => authors[i % authors.Length]).ToArray();
            await using var command = new NpgsqlCommand(Insert, connection)
            {
                Parameters = { new NpgsqlParameter<long[]> { TypedValue = some }, new NpgsqlParameter<string> { TypedValue = PopulationLoad.TextOf(done) } },
            };
            await using (var row = await command.ExecuteReaderAsync(cancellation))
            {
                while (await row.ReadAsync(cancellation)) newest[row.GetInt64(0)] = row.GetInt64(1);
            }

            if (firstCommit == 0) firstCommit = time.GetTimestamp();
        }

        return (newest, firstCommit, time.GetElapsedTime(firstCommit));
    }

    // The first and the last follower of some authors; of a single one, many of the followers.
    private static IEnumerable<(long User, long Post)> Samples(int size, long[] authors, Dictionary<long, long> newest)
    {
        for (var i = 0; i < Sampled; i++)
        {
            var author = i * authors.Length / Sampled;
            if (newest.TryGetValue(authors[author], out var post)) yield return (Population.Part(size, author)[i * (size - 1) / (Sampled - 1)], post);
        }
    }
}
