using System.Globalization;
using Floodgate.Bench.Cache;
using Floodgate.Bench.Measuring;
using Floodgate.TimelineService.FanOut;
using Floodgate.TimelineService.HomeTimelines;
using Npgsql;
using Spectre.Console;
using Progress = Floodgate.Bench.Measuring.Progress;

namespace Floodgate.Bench.Timelines;

/// <summary>Prepares the population, and goes through the parts.</summary>
internal sealed class TimelinesRun(TimelinesOptions options, TimelinesSystem system, CoreHost core, IAnsiConsole console, TimeProvider time) : IAsyncDisposable
{
    private const int LimitCommandsPerSecond = 200_000;

    private readonly NpgsqlDataSource _primary = NpgsqlDataSource.Create(system.Servers.Primary);
    private readonly NpgsqlDataSource _replica = NpgsqlDataSource.Create(system.Servers.Replicas[0]);
    private readonly ProgressDisplay _display = new(console, time);
    private readonly ProcessorTimes _processor = new(system.Processes());
    private readonly Population _population = new(options.Readers, options.Largest, options.Seed);
    private readonly PostIds _posts = new(time.GetUtcNow() - TimeSpan.FromDays(1));
    private readonly LivingTimelines _living = new(core.Get<TimelineStore>());
    private readonly List<PartResult> _results = [];
    private readonly CostMeter _costs = new(new ProcessorTimes(system.Processes()), time);

    /// <summary>Runs everything.</summary>
    public async Task<TimelinesReport> RunAsync(CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var before = _processor.Take();
        using var redis = await RedisProbe.ConnectAsync(system.Servers.Redis);
        await _costs.LearnIdleAsync(cancellation);
        double? limit = null;
        await PartAsync(PartName.Limit, 1, async progress =>
        {
            var begin = _costs.Begin();
            var commands = (int)Math.Min(int.MaxValue, LimitCommandsPerSecond * options.PhaseLength.TotalSeconds);
            limit = await RedisBenchmark.RunAsync(system.Servers.Redis, commands, cancellation);
            var result = new PartResult();
            result.Costs.Add(("ZADD by redis-benchmark, its own in that of the bench", commands, _costs.Since(begin)));
            result.Summary.Add(new SummaryLine("limit: redis-benchmark -P 64 ZADD", string.Create(CultureInfo.InvariantCulture, $"{limit:N0} a second"), ""));
            progress.Add(1);
            return result;
        }, cancellation);
        await PrepareAsync(cancellation);

        var backlog = new Backlog(_primary, core.Get<OpenJobs>(), time);
        var sizes = Population.PushedSizes.Count;
        await PartAsync(PartName.Stage, sizes, progress => new StagePart(options, core.Get<TimelineStore>(), _living, _posts, _costs, time).RunAsync(limit, progress, cancellation), cancellation);
        await PartAsync(PartName.FanOut, 2 * sizes, progress => new FanOutPart(options, _primary, backlog, _living, _costs, time).RunAsync(limit, progress, cancellation), cancellation);
        await PartAsync(PartName.Audience, _population.Audiences.Count(), progress => new AudiencePart(system, core, redis, backlog, _costs, time).RunAsync(_population.Audiences, progress, cancellation), cancellation);
        await PartAsync(PartName.Ids, IdsPart.Concurrencies.Count, progress => new IdsPart(options, core, _population, _costs, time).RunAsync(progress, cancellation), cancellation);
        await PartAsync(PartName.Pages, PagesPart.StepsFor(options.Readers), progress => new PagesPart(options, system, _population, new SqlPages(_replica, [.. _population.Readers], options.Seed, time), core, _costs, time).RunAsync(progress, cancellation), cancellation);
        await PartAsync(PartName.Trips, 2, progress => new TripsPart(system, core, redis, _population, time).RunAsync(progress, cancellation), cancellation);
        await PartAsync(PartName.Bytes, BytesPart.Steps, progress => new BytesPart(core.Get<TimelineStore>(), _living, redis, _posts, options.Seed).RunAsync(progress, cancellation), cancellation);

        var took = time.GetElapsedTime(started);
        var used = _processor.Take().Since(before);
        return new TimelinesReport(options, _results) { At = time.GetUtcNow(), Took = took, OtherCores = (used.Machine - used.Total) / took.TotalSeconds };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _primary.DisposeAsync();
        await _replica.DisposeAsync();
    }

    private async Task PartAsync(string part, int steps, Func<Progress, Task<PartResult>> run, CancellationToken cancellation)
    {
        if (!options.Has(part)) return;
        PartResult? result = null;
        await _display.RunAsync(part, steps, async progress => result = await run(progress), cancellation);
        _results.Add(result!);
        if (console.Profile.Out.IsTerminal) return;
        foreach (var line in result!.Summary) console.WriteLine($"  {line.What}: {line.Figure}{(line.Beside.Length == 0 ? "" : $", {line.Beside}")}");
    }

    private async Task PrepareAsync(CancellationToken cancellation)
    {
        var pushes = options.Has(PartName.Stage, PartName.FanOut, PartName.Audience);
        var reads = options.Has(PartName.Ids, PartName.Pages, PartName.Trips);
        var grows = options.Has(PartName.Audience);
        var load = new PopulationLoad(_primary, time);
        var users = (pushes ? Population.CrowdUsers.Concat(Population.PushedSizes.SelectMany(size => Population.PushersOf(size).Concat(Population.SinglesOf(size)))) : [])
            .Concat(grows ? _population.Audiences.Select(Population.AuthorFor).Concat(_population.Distant) : [])
            .Concat(reads ? Population.AuthorUsers.Concat(_population.Readers) : []).ToList();
        if (users.Count == 0) return;
        await _display.RunAsync("users", users.Count, progress => load.UsersAsync(users, progress, cancellation), cancellation);
        await _display.RunAsync("follows", FollowCount(pushes, grows, reads), async progress =>
        {
            if (pushes) await load.FollowsAsync(Population.PusherFollows(), progress, cancellation);
            if (grows) await load.FollowsAsync(_population.AudienceFollows(), progress, cancellation);
            if (reads) await load.FollowsAsync(_population.Readers.SelectMany(reader => _population.FolloweesOf(reader).Select(author => (reader, author))), progress, cancellation);
        }, cancellation);
        var written = _posts.Spread(reads ? Population.Authors * Population.PostsPerAuthor : 0, TimeSpan.FromMilliseconds(100));
        if (reads)
        {
            await _display.RunAsync("posts", written.Count, progress => load.PostsAsync(written, progress, cancellation), cancellation);
            await load.OpenRangesAsync(Population.AuthorUsers.Take(Population.Famous), cancellation);
        }

        await load.SettleAsync(cancellation);
        if (reads) await _display.RunAsync("timelines of readers", options.Readers, progress => _living.MakeAsync(_population.Readers, reader => _population.TimelineOf(reader, written), progress, cancellation), cancellation);
        if (pushes) await _display.RunAsync("timelines of the crowd", Population.Crowd, progress => _living.MakeAsync(Population.CrowdUsers, user => _posts.Spread(Population.LengthOf(user), TimeSpan.FromMilliseconds(1)), progress, cancellation), cancellation);
    }

    private long FollowCount(bool pushes, bool grows, bool reads) =>
        (pushes ? Population.PusherFollowCount : 0) + (grows ? _population.Audiences.Sum(size => (long)size) : 0) + (reads ? (long)options.Readers * Population.Followees : 0);
}
