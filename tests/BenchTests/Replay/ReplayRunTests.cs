using System.Collections.Concurrent;
using Floodgate.Bench.Gateway;
using Floodgate.Bench.Replay;
using Microsoft.AspNetCore.Http;
using Spectre.Console;

namespace Floodgate.BenchTests.Replay;

public sealed class ReplayRunTests : IAsyncDisposable
{
    private static readonly ReplayOptions Small = new() { Users = 60, Events = 300, Speed = double.PositiveInfinity, CheckEvery = 2, Samples = 40, Concurrency = 16 };

    private ContractServer? _server;

    [Fact]
    public async Task Without_errors_the_verdict_is_good_and_everything_was_looked_at()
    {
        var server = await StartAsync();
        var report = await RunAsync(Small);

        Assert.True(report.IsGood, report.ToMarkdown());
        Assert.Equal(60, server.Users.Count);
        Assert.Equal("user-7", server.Users[7]);
        Assert.InRange(server.Posts.Count, 300, 360);
        Assert.All(["reactions", "Sampled home timelines", "PUT /posts/{id}/like", "replica-1", "Verdict: good"], text => Assert.Contains(text, report.ToMarkdown(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Files_are_replayed_with_the_first_users_only()
    {
        var server = await StartAsync();
        using var graph = new TemporaryFile("11 12\n12 13\n13 14\n14 15\n11 13\n", packed: true);
        using var activity = new TemporaryFile("11 12 100 RT\n14 12 100 RT\n13 11 101 MT\n");

        var report = await RunAsync(Small with { Graph = graph.Path, Activity = activity.Path, Users = 3 });

        Assert.True(report.IsGood, report.ToMarkdown());
        Assert.Equal([11, 12, 13], server.Users.Keys.Order());
        Assert.Equal([(11, 12), (11, 13), (12, 13)], server.Follows.Keys.Order());
        Assert.Equal(3, server.Posts.Count);
    }

    [Fact]
    public async Task Who_only_acts_is_imported_too()
    {
        var server = await StartAsync();
        using var graph = new TemporaryFile("11 12\n");
        using var activity = new TemporaryFile("77 88 100 RT\n");

        var report = await RunAsync(Small with { Graph = graph.Path, Activity = activity.Path, Users = null });

        Assert.True(report.IsGood, report.ToMarkdown());
        Assert.Equal([11, 12, 77, 88], server.Users.Keys.Order());
    }

    [Theory]
    [InlineData(-1, 0, 0)]
    [InlineData(0, -1, 0)]
    [InlineData(0, 0, -1)]
    [InlineData(1, 0, 0)]
    [InlineData(0, 1, 0)]
    [InlineData(0, 0, 1)]
    public async Task One_like_lost_or_counted_twice_is_found_wherever_it_is(int reactions, int slots, int visible)
    {
        var server = await StartAsync();
        var planted = 0L;
        server.Told = (post, n) => First(ref planted, post) ? (n + reactions, n + slots, n + visible) : (n, n, n);

        var report = await RunAsync(Small);

        Assert.False(report.IsGood);
        Assert.Contains("the likes found are not those acknowledged", report.Verdict, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("extra")]
    [InlineData("duplicate")]
    [InlineData("disordered")]
    public async Task One_wrong_entry_on_one_timeline_is_found(string kind)
    {
        var server = await StartAsync();
        server.Shown = (user, ids) =>
        {
            // Once the replay is over: a timeline of the most active user, wrong in one place.
            if (user != 1 || ids.Count < 5 || server.BacklogAsked == 0) return ids;
            if (kind == "missing") ids.RemoveAt(3);
            if (kind == "extra") ids.Insert(0, 9_000_000);
            if (kind == "duplicate") ids.Insert(3, ids[3]);
            if (kind == "disordered") (ids[2], ids[3]) = (ids[3], ids[2]);
            return ids;
        };

        var report = await RunAsync(Small with { Samples = 60 });

        Assert.False(report.IsGood);
        Assert.Contains("1 of 60 timelines differ", report.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_post_that_its_author_does_not_see_is_a_stale_read()
    {
        var server = await StartAsync();
        server.Shown = (_, ids) => server.BacklogAsked == 0 ? ids.Skip(1).ToList() : ids;

        AssertStale(await RunAsync(Small));
    }

    [Fact]
    public async Task A_like_that_its_user_does_not_see_is_a_stale_read()
    {
        var server = await StartAsync();
        var planted = 0L;
        server.LikedShown = (post, liked) => liked && !First(ref planted, post);

        AssertStale(await RunAsync(Small with { CheckEvery = 1 }));
    }

    [Fact]
    public async Task A_like_that_vanishes_later_is_a_stale_read()
    {
        var server = await StartAsync();
        var seen = 0;

        // Two users; the first likes once and then posts. The like is there at first and gone at the look after the post.
        server.LikedShown = (_, liked) => liked && Interlocked.Increment(ref seen) == 1;
        using var graph = new TemporaryFile("11 12\n");
        using var activity = new TemporaryFile("11 12 100 RT\n");
        var report = await RunAsync(Small with { Graph = graph.Path, Activity = activity.Path, Users = null, CheckEvery = 1, Samples = 0 });

        AssertStale(report);
        Assert.Contains("| earlier like still on the post | 1 | 1 | 0 |", report.ToMarkdown(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Likes_that_are_left_out_are_no_stale_read_and_are_counted_apart()
    {
        var server = await StartAsync();
        server.LikedShown = (_, _) => null;

        var report = await RunAsync(Small);

        Assert.True(report.IsGood, report.ToMarkdown());
        Assert.Matches(@"\| own like on the post \| 0 \| 0 \| [1-9]", report.ToMarkdown());
    }

    [Fact]
    public async Task Throttled_calls_are_repeated_until_they_are_acknowledged()
    {
        var server = await StartAsync();
        var asked = 0;
        server.Instead = request => !HttpMethods.IsGet(request.Method) && Interlocked.Increment(ref asked) % 5 == 0 ? new Throttle(asked % 2 == 0 ? 429 : 503) : null;

        var report = await RunAsync(Small);

        Assert.True(report.IsGood, report.ToMarkdown());
        Assert.Matches(@"\| POST /posts \|[^|]*\|[^|]*\| 0 \| [1-9]", report.ToMarkdown());
    }

    [Fact]
    public async Task A_post_without_an_answer_is_repeated_with_its_key_and_made_once()
    {
        var server = await StartAsync();
        var dropped = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        server.Afterwards = context =>
        {
            var key = context.Request.Headers["Idempotency-Key"].ToString();
            if (key.Length > 0 && dropped.TryAdd(key, true)) context.Abort();
        };
        using var graph = new TemporaryFile("11 12\n");
        using var activity = new TemporaryFile("11 12 100 RT\n");

        var report = await RunAsync(Small with { Graph = graph.Path, Activity = activity.Path, Users = null });

        Assert.True(report.IsGood, report.ToMarkdown());
        Assert.Equal(2, server.Posts.Count);
        Assert.Contains("| POST /posts | 4 | 2 | 0 | 2 | 0 |", report.ToMarkdown(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_carries_the_session_that_the_call_before_it_was_given()
    {
        // The server answers each session with one that is a character longer.
        var server = await StartAsync();
        var lengths = new ConcurrentDictionary<string, ConcurrentQueue<int>>(StringComparer.Ordinal);
        server.Instead = request =>
        {
            if (request.Headers.Authorization.ToString() is { Length: > 0 } user)
                lengths.GetOrAdd(user, _ => []).Enqueue(request.Headers["Floodgate-Session"].ToString().Length);
            return null;
        };

        var report = await RunAsync(Small with { Samples = 60 });

        Assert.True(report.IsGood, report.ToMarkdown());
        Assert.Equal(60, lengths.Count);
        Assert.All(lengths.Values, seen => Assert.Equal(Enumerable.Range(0, seen.Count), seen));
    }

    [Fact]
    public async Task A_like_without_an_answer_may_count_or_not()
    {
        var server = await StartAsync();
        var liker = 0L;
        server.Afterwards = context =>
        {
            // The like is done, and its answer never arrives, however often it is repeated.
            if (HttpMethods.IsPut(context.Request.Method) && First(ref liker, Identity(context)))
                context.Abort();
        };
        using var graph = new TemporaryFile("11 12\n");
        using var activity = new TemporaryFile("11 12 100 RT\n");

        var report = await RunAsync(Small with { Graph = graph.Path, Activity = activity.Path, Users = null }, impatient: true);

        Assert.True(report.IsGood, report.ToMarkdown());
        Assert.Contains("| PostgreSQL: reactions | 1 | 0 | 1 | 1 | 0 | 0 | 0 |", report.ToMarkdown(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_the_interface_does_not_promise_fails_the_run_and_is_shown()
    {
        var server = await StartAsync();
        var asked = 0;
        server.Instead = request => HttpMethods.IsPut(request.Method) && Interlocked.Increment(ref asked) == 3 ? Results.Problem("it broke", statusCode: 500) : null;

        var report = await RunAsync(Small);

        Assert.False(report.IsGood);
        Assert.Contains("it broke", report.ToMarkdown(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_comparison_waits_until_the_backlog_is_empty_twice()
    {
        var server = await StartAsync();
        server.Backlog = asked => asked is 0 or 2 ? 7 : 0;

        var report = await RunAsync(Small with { Events = 20 });

        Assert.True(report.IsGood, report.ToMarkdown());
        Assert.Equal(5, server.BacklogAsked);
    }

    [Fact]
    public async Task A_backlog_that_stays_fails_the_run()
    {
        var server = await StartAsync();
        server.Backlog = _ => 1;

        var report = await RunAsync(Small with { Events = 20, DrainTimeout = TimeSpan.FromSeconds(1) });

        Assert.Contains("were not empty", report.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_services_have_found_themselves_is_part_of_the_verdict()
    {
        var server = await StartAsync();
        server.Sampled = asked => [ContractServer.SampledPart(missing: asked == 0 ? 1 : 3, suspects: 0), ContractServer.SampledPart(missing: 5, suspects: 0)];

        var report = await RunAsync(Small with { Events = 20 });

        Assert.Contains("the services found 2 differences", report.Verdict, StringComparison.Ordinal);
        Assert.Contains("| 2 | 24 | 690 | 8 | 0 | 0 | 0 | 0 |", report.ToMarkdown(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_services_had_found_before_is_not_and_what_they_suspect_is_waited_for()
    {
        var server = await StartAsync();
        server.Sampled = asked => [ContractServer.SampledPart(missing: 1, suspects: asked == 1 ? 4 : 0)];

        var report = await RunAsync(Small with { Events = 20 });

        Assert.True(report.IsGood, report.ToMarkdown());
        Assert.Contains("the services found no difference in 12 timelines", report.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Services_that_say_nothing_of_it_are_no_failure()
    {
        var server = await StartAsync();
        server.Sampled = _ => [new { outboxRows = 0 }, null];

        var report = await RunAsync(Small with { Events = 20 });

        Assert.True(report.IsGood, report.ToMarkdown());
        Assert.DoesNotContain("the services", report.Verdict, StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    // The error is planted at the first that comes, and only there.
    private static bool First(ref long chosen, long candidate) =>
        Interlocked.CompareExchange(ref chosen, candidate, 0) is var before && (before == 0 || before == candidate);

    private static long Identity(HttpContext context) => context.Request.Headers.Authorization.ToString().GetHashCode(StringComparison.Ordinal) | 1L;

    private static void AssertStale(ReplayReport report)
    {
        Assert.False(report.IsGood);
        Assert.Contains("own reads were stale", report.Verdict, StringComparison.Ordinal);
    }

    private async Task<ContractServer> StartAsync() => _server = await ContractServer.StartAsync();

    private async Task<ReplayReport> RunAsync(ReplayOptions options, bool impatient = false)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        var time = impatient ? new ImpatientTime() : TimeProvider.System;
        using var client = new GatewayClient(_server!.Address, options.Concurrency, options.Timeout, options.Seed, time);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null), Ansi = AnsiSupport.No });
        return await new ReplayRun(options, client, console, time).RunAsync(limit.Token);
    }

    private sealed class Throttle(int status) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            httpContext.Response.Headers.RetryAfter = "0";
            return Task.CompletedTask;
        }
    }
}
