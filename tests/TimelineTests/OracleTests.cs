using System.Diagnostics.Metrics;
using Floodgate.Leases.Origin;
using Floodgate.Nodes;
using Floodgate.Posts;
using Floodgate.Sessions;
using Floodgate.TimelineService.FanOut;
using Floodgate.TimelineService.HomeTimelines;
using Floodgate.TimelineService.Oracle;
using Floodgate.UnitTests;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Floodgate.TimelineTests;

/// <summary>The sampled oracle against real servers. The test takes its steps and moves its clock; nothing is relayed unless the test has it done.</summary>
public sealed class OracleTests(Servers servers, QuietInstance quiet) : IClassFixture<QuietInstance>
{
    private readonly ManualClock _clock = new();
    private readonly TimelineInstance _instance = quiet.Instance;

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_healthy_timeline_is_compared_and_does_not_differ()
    {
        var (ann, bob) = await PairAsync();
        long[] posts = [await _instance.PostAsync(bob), await _instance.PostAsync(ann), await _instance.PostAsync(bob)];
        await _instance.PageAsync(ann);
        var (oracle, totals) = Oracle(new OracleOptions());

        Assert.True(await oracle.SampleAsync(ann, Patience));

        AssertTotals(totals, samples: 1, entries: posts.Length);
        Assert.Null(oracle.NextDue);
        Assert.NotNull(totals.Report().LastLsn);
    }

    [Fact]
    public async Task A_post_that_was_lost_from_a_timeline_is_missing_and_comes_back()
    {
        var (ann, bob) = await PairAsync();
        long[] posts = [await _instance.PostAsync(bob), await _instance.PostAsync(bob), await _instance.PostAsync(bob)];
        await NothingIsOnItsWayAsync();
        await _instance.PageAsync(ann);
        await _instance.Get<TimelineStore>().TryRemoveAsync(ann, [posts[1]]);
        Assert.Equal([posts[2], posts[0]], await _instance.WalkAsync(ann));
        var (oracle, totals) = Oracle(new OracleOptions());

        await oracle.SampleAsync(ann, Patience);
        AssertTotals(totals, samples: 1, entries: 3, suspects: 1);
        await LookAgainAsync(oracle);
        AssertTotals(totals, samples: 1, entries: 3, suspects: 1);
        await LookAgainAsync(oracle);

        AssertTotals(totals, samples: 1, entries: 3, missing: 1);
        var finding = Assert.Single(totals.Report().Findings);
        Assert.Equal((ann, "missing", true), (finding.User, finding.Kind, finding.Forgotten));
        Assert.Equal([posts[1]], finding.Posts);
        Assert.Null(oracle.NextDue);
        Assert.Equal([posts[2], posts[1], posts[0]], await _instance.WalkAsync(ann));
        await oracle.SampleAsync(ann, Patience);
        AssertTotals(totals, samples: 2, entries: 6, missing: 1);
    }

    [Fact]
    public async Task A_lost_post_counts_though_others_are_always_on_their_way()
    {
        var (ann, bob) = await PairAsync();
        var post = await _instance.PostAsync(bob);
        await NothingIsOnItsWayAsync();
        await _instance.PageAsync(ann);
        await _instance.Get<TimelineStore>().TryRemoveAsync(ann, [post]);
        var (_, dan) = await PairAsync();
        await _instance.PostAsync(dan);
        var (oracle, totals) = Oracle(new OracleOptions { Repair = false });

        // 2, 4 and 8 seconds pass, and 16 more to what settles all.
        await oracle.SampleAsync(ann, Patience);
        for (var look = 0; look < 3; look++)
        {
            await LookAgainAsync(oracle);
            AssertTotals(totals, samples: 1, entries: 1, suspects: 1);
        }

        await LookAgainAsync(oracle);
        AssertTotals(totals, samples: 1, entries: 1, missing: 1);
        Assert.False(totals.Report().Findings[0].Forgotten);
        Assert.Empty(await _instance.StoredAsync(ann));
    }

    [Fact]
    public async Task A_post_on_its_way_is_suspected_for_as_long_as_that_takes_and_is_no_difference()
    {
        var (ann, bob) = await PairAsync();
        await _instance.PageAsync(ann);
        var post = await _instance.PostAsync(bob);
        var (oracle, totals) = Oracle(new OracleOptions());

        await oracle.SampleAsync(ann, Patience);
        for (var look = 0; look < 6; look++)
        {
            await LookAgainAsync(oracle);
            AssertTotals(totals, samples: 1, entries: 1, suspects: 1);
        }

        await NothingIsOnItsWayAsync();

        await LookAgainAsync(oracle);
        AssertTotals(totals, samples: 1, entries: 1);
        Assert.Null(oracle.NextDue);
        Assert.Equal([post], await _instance.StoredAsync(ann));
    }

    [Theory]
    [InlineData(FanOutKind.Plan)]
    [InlineData(FanOutKind.Chunk)]
    public async Task A_post_with_an_open_job_is_suspected_until_the_job_ends(object kind)
    {
        var (ann, bob) = await PairAsync();
        var post = await _instance.PostAsync(bob);
        await NothingIsOnItsWayAsync();
        await _instance.PageAsync(ann);
        await _instance.Get<TimelineStore>().TryRemoveAsync(ann, [post]);
        var jobs = _instance.Get<OpenJobs>();
        var job = new FanOutJob(post, bob, WalPosition.None, After: 5, Kind: (FanOutKind)kind);
        var (oracle, totals) = Oracle(new OracleOptions());
        await jobs.OpenAsync([job]);
        try
        {
            await oracle.SampleAsync(ann, Patience);
            for (var look = 0; look < 6; look++)
            {
                await LookAgainAsync(oracle);
                AssertTotals(totals, samples: 1, entries: 1, suspects: 1);
            }
        }
        finally
        {
            // Other tests would wait for it.
            await jobs.CloseAsync(job);
        }

        await LookAgainAsync(oracle);
        AssertTotals(totals, samples: 1, entries: 1, missing: 1);
    }

    [Fact]
    public async Task A_post_that_was_deleted_behind_the_caches_is_extra()
    {
        var (ann, bob) = await PairAsync();
        await _instance.KnowsFloorAsync();
        var post = await _instance.PostAsync(bob);
        await NothingIsOnItsWayAsync();
        await _instance.PageAsync(ann);
        await Eventually.BecomesAsync(async () =>
            (await _instance.SendAsync(HttpMethod.Get, $"/posts/{post}", ann)).Headers.GetValues(InternalHeaders.Node).Single() == NodeCache<long, StoredPost>.CacheNode);
        await ExecuteAsync($"UPDATE posts SET deleted_at = now() WHERE id = {post}");
        var (oracle, totals) = Oracle(new OracleOptions());

        await oracle.SampleAsync(ann, Patience);
        await LookAgainAsync(oracle);
        await LookAgainAsync(oracle);

        AssertTotals(totals, samples: 1, entries: 1, extra: 1);
    }

    [Fact]
    public async Task A_post_deep_in_a_timeline_is_seen_page_by_page_and_further_down_not_at_all()
    {
        var (ann, bob) = await PairAsync();
        await ExecuteAsync($"INSERT INTO posts (id, author, text) SELECT i, {bob}, 'text' FROM generate_series({bob} * 1000, {bob} * 1000 + 29) i");
        await NothingIsOnItsWayAsync();
        await _instance.PageAsync(ann);
        await _instance.Get<TimelineStore>().TryRemoveAsync(ann, [(bob * 1000) + 15, (bob * 1000) + 5]);
        var (oracle, totals) = Oracle(new OracleOptions { Depth = 20 });

        await oracle.SampleAsync(ann, Patience);

        // Twenty were shown, and one among them was not.
        AssertTotals(totals, samples: 1, entries: 21, suspects: 1);
    }

    [Fact]
    public async Task Who_reads_a_page_is_sampled_and_it_is_part_of_the_status()
    {
        var (ann, bob) = await PairAsync();
        await _instance.PostAsync(bob);
        await NothingIsOnItsWayAsync();
        await _instance.PageAsync(ann);
        var options = new OracleOptions { Interval = TimeSpan.FromMilliseconds(100) };
        var totals = _instance.Get<OracleTotals>();
        var (oracle, _) = Oracle(options, totals);
        using var loop = new OracleLoop(
            oracle, _instance.Get<RecentReaders>(), _instance.Get<SchemaMigration>(), Options.Create(options), _instance.Get<IServiceProvider>(), TimeProvider.System,
            NullLogger<OracleLoop>.Instance);
        await loop.StartAsync(Patience);
        await Eventually.BecomesAsync(() => Task.FromResult(totals.Entries > 0));
        await loop.StopAsync(Patience);

        var status = (await TimelineInstance.JsonAsync(await _instance.SendAsync(HttpMethod.Get, "/internal/status"))).GetProperty("oracle");
        Assert.Equal(totals.Samples, status.GetProperty("samples").GetInt64());
        Assert.Equal(totals.Entries, status.GetProperty("entries").GetInt64());
        Assert.Equal(0, status.GetProperty("perMillion").GetProperty("missing").GetDouble());
        Assert.Equal(totals.Report().LastLsn, status.GetProperty("lastLsn").GetString());
    }

    private async Task<(long Reader, long Author)> PairAsync()
    {
        var (reader, author) = (servers.NewUser(), servers.NewUser());
        await _instance.CreateUserAsync(reader, author);
        await _instance.FollowAsync(reader, author);
        return (reader, author);
    }

    // Rows that are deleted instead would leave their jobs open, where an instance that ended has entered them already.
    private async Task NothingIsOnItsWayAsync()
    {
        await using var works = await TimelineInstance.StartAsync(servers);
        await works.DrainAsync();
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new Npgsql.NpgsqlConnection(servers.Primary);
        await connection.OpenAsync(Patience);
        await using var command = new Npgsql.NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Patience);
    }

    // The instance's own is left alone: this one has its own clock.
    private (SampledOracle Oracle, OracleTotals Totals) Oracle(OracleOptions settings, OracleTotals? known = null)
    {
        var options = Options.Create(settings);
        var totals = known ?? new OracleTotals(options, _clock);
        var look = new TimelineLook(
            _instance.Get<TimelineWalker>(), _instance.Get<TimelineTruth>(), _instance.Get<OnTheWay>(), _instance.Get<PostgresNodes>(), options, _clock);
        var metrics = new OracleMetrics(_instance.Get<IMeterFactory>(), totals);
        var oracle = new SampledOracle(
            look, _instance.Get<OnTheWay>(), _instance.Get<TimelineStore>(), totals, metrics, options, _clock, NullLogger<SampledOracle>.Instance);
        return (oracle, totals);
    }

    private async Task LookAgainAsync(SampledOracle oracle)
    {
        Assert.False(await oracle.LookAgainAsync(Patience), "It was looked at again before its time.");
        _clock.Advance(oracle.NextDue!.Value - _clock.GetUtcNow());
        Assert.True(await oracle.LookAgainAsync(Patience));
    }

    private static void AssertTotals(OracleTotals totals, long samples, long entries, int suspects = 0, long missing = 0, long extra = 0)
    {
        var report = totals.Report();
        Assert.Equal(
            (samples, entries, suspects, missing, extra, 0L, 0L),
            (report.Samples, report.Entries, report.Suspects, report.Missing, report.Extra, report.Duplicate, report.Disordered));
        Assert.Equal(Math.Round(1e6 * missing / entries, 3), report.PerMillion.Missing);
    }
}
