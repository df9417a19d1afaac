using System.Globalization;
using Floodgate.Bench.Cache;
using Floodgate.Bench.Measuring;
using Floodgate.TimelineService.HomeTimelines;
using Floodgate.TimelineService.Input;

namespace Floodgate.Bench.Timelines;

/// <summary>Bytes of Redis memory for each entry of a timeline: as it was built, after pushes and trims in order and out of order, and before a trim.</summary>
internal sealed class BytesPart(TimelineStore store, LivingTimelines living, RedisProbe redis, PostIds posts, int seed)
{
    private const long FirstUser = 5_000_001;
    private const int Timelines = 20;
    private const int Cap = 800;
    private const int Slack = 100;
    private const int Trims = 30;
    private const double Goal = 24;
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(10);

    /// <summary>How many steps it has: each timeline, and each look.</summary>
    public const int Steps = Timelines + 4;

    /// <summary>Measures.</summary>
    public async Task<PartResult> RunAsync(Progress progress, CancellationToken cancellation)
    {
        var result = new PartResult();
        var table = new ReportTable("Bytes of Redis memory for each entry", "timeline", "entries", "MEMORY USAGE", "bytes an entry", "worst of the timelines");
        result.Tables.Add(table);
        var users = Enumerable.Range(0, Timelines).Select(i => FirstUser + i).ToArray();
        await living.MakeAsync(users, _ => posts.Spread(Cap, Between), progress, cancellation);
        await AddAsync("just built");
        await PushAsync(users, inOrder: true);
        await AddAsync(string.Create(CultureInfo.InvariantCulture, $"after {Trims} trims, pushed in order"));
        await PushAsync(users, inOrder: false);
        await AddAsync(string.Create(CultureInfo.InvariantCulture, $"after {Trims} trims, pushed out of order"));
        foreach (var post in posts.Spread(Slack, Between).Reverse()) await store.PushAsync(users, post);
        await AddAsync("longest, just before a trim");
        return result;

        async Task AddAsync(string what)
        {
            var all = new List<(long Entries, long Bytes)>();
            foreach (var user in users)
            {
                var slice = await store.TryReadAsync(user, IdInput.End, int.MaxValue / 2);
                all.Add((slice.Ids.Length, await redis.UsageAsync(TimelineKeys.Of(user).ToString()!)));
            }

            var each = all.Average(one => (double)one.Bytes / one.Entries);
            var worst = all.Max(one => (double)one.Bytes / one.Entries);
            table.Add(what, all.Average(one => one.Entries), all.Average(one => one.Bytes), each, worst);
            result.Summary.Add(new SummaryLine(
                $"bytes an entry, {what}", string.Create(CultureInfo.InvariantCulture, $"{worst:0.0} bytes"),
                string.Create(CultureInfo.InvariantCulture, $"{all.Average(one => one.Entries):N0} entries"), "at most 24 bytes", worst <= Goal));
            progress.Add(1);
        }
    }

    // A timeline is trimmed with every push past the cap and the slack.
    private async Task PushAsync(long[] users, bool inOrder)
    {
        var random = new Random(seed);
        for (var trim = 0; trim < Trims; trim++)
        {
            var some = posts.Spread(Slack + 1, Between).Reverse().ToArray();
            if (!inOrder) random.Shuffle(some);
            foreach (var post in some) await store.PushAsync(users, post);
        }
    }
}
