using System.Globalization;
using Floodgate.Bench.Gateway;
using Floodgate.Bench.Measuring;
using Spectre.Console;

namespace Floodgate.Bench.Replay;

/// <summary>One replay from loading the graph to the verdict.</summary>
/// <param name="options">What is asked for.</param>
/// <param name="client">The gateway.</param>
/// <param name="console">Where progress is shown.</param>
/// <param name="time">The clock.</param>
internal sealed class ReplayRun(ReplayOptions options, GatewayClient client, IAnsiConsole console, TimeProvider time)
{
    // Twice as long as the services take by default to tell what is on its way from what is missing.
    private static readonly TimeSpan SettleTimeout = TimeSpan.FromMinutes(1);

    private readonly ProgressDisplay _display = new(console, time);
    private readonly Oracle _oracle = new(client);
    private readonly SampledOracle _sampled = new(client, time);
    private readonly OwnReads _ownReads = new(client);
    private readonly ReplayReport _report = new();

    /// <summary>Does it.</summary>
    /// <exception cref="CommandLine.UsageException">An input file is wrong.</exception>
    /// <exception cref="CommandLine.RunFailedException">The graph could not be loaded.</exception>
    public async Task<ReplayReport> RunAsync(CancellationToken cancellation)
    {
        var random = new Random(options.Seed);
        var input = ReplayInput.Read(options, random);
        var graph = input.Graph;
        var plan = Planner.Create(input.Activities, graph.Ids.Count, options.CheckEvery, random);
        var sample = TimelineSample.Choose(graph.CountFollowees(plan.FindAuthors(graph.Ids.Count)), options.Samples, random);
        AddFacts(input, plan);

        var started = time.GetTimestamp();
        await new GraphLoad(client, _display).RunAsync(graph, cancellation);
        AddFact($"Loading took {ReportTable.Text(time.GetElapsedTime(started))}.");

        var sessions = new SessionDirectory(client, [.. graph.Ids], time);
        var timelines = new TimelineComparison(client, sessions, _oracle);
        // Three of four sampled timelines exist before the replay and are pushed to; the others are built at the end.
        var opened = sample.Where((_, i) => i % 4 != 3).ToArray();
        await _display.RunAsync("opening timelines", opened.Length, p => timelines.OpenAsync(opened, p, cancellation), cancellation);

        var sampledBefore = await _sampled.ReadAsync(cancellation);
        var runner = new ActionRunner(plan, RunName(), client, sessions, _ownReads);
        await ReplayAsync(plan, runner, cancellation);
        await VerifyAsync(runner, timelines, sample, sampledBefore, cancellation);
        return _report;
    }

    private async Task ReplayAsync(ReplayPlan plan, ActionRunner runner, CancellationToken cancellation)
    {
        var scheduler = new ReplayScheduler(plan, options.Speed, options.Concurrency, time);
        var started = time.GetTimestamp();
        await _display.RunAsync(
            "replay",
            plan.Actions.Count,
            progress => scheduler.RunAsync(
                async (action, token) =>
                {
                    await runner.PerformAsync(action, token);
                    progress.Add(1);
                },
                cancellation),
            cancellation);
        var took = time.GetElapsedTime(started);
        AddFact($"Replaying {ReportTable.Text(plan.Length)} of activity took {ReportTable.Text(took)}: {plan.Actions.Count / Math.Max(0.001, took.TotalSeconds):N0} writes a second.");
        if (double.IsFinite(options.Speed))
            AddFact($"Writes began after their time by {ReportTable.Text(scheduler.Behind.Percentile(0.5))} (p50), {ReportTable.Text(scheduler.Behind.Percentile(0.99))} (p99), {ReportTable.Text(scheduler.Behind.Max)} (max).");
        if (runner.Skipped > 0) AddFact($"{runner.Skipped:N0} writes could not be tried: what they need was not acknowledged.");
    }

    private async Task VerifyAsync(
        ActionRunner runner, TimelineComparison timelines, IReadOnlyList<int> sample, SampledTotals? sampledBefore, CancellationToken cancellation)
    {
        console.WriteLine("waiting until nothing is on its way any more");
        var drained = await new Drain(_oracle, time).WaitAsync(options.DrainTimeout, cancellation);
        if (drained is { } took) AddFact($"Queues and outbox were empty {ReportTable.Text(took)} after the last write.");

        var likes = new LikeComparison(_oracle);
        var expected = runner.Likes.Expected(runner.PostIds);
        await _display.RunAsync("comparing likes", expected.Count, p => likes.RunAsync(expected, p, cancellation), cancellation);
        await _display.RunAsync("comparing timelines", sample.Count, p => timelines.RunAsync(sample, p, cancellation), cancellation);

        console.WriteLine("waiting until the services suspect no timeline any more");
        var sampled = new SampledDifference(sampledBefore, await _sampled.SettledAsync(SettleTimeout, cancellation));

        foreach (var table in (ReportTable[])[client.Meters.ToTable(), client.Nodes.ToTable(), _ownReads.ToTable(), likes.ToTable(), timelines.ToTable(), sampled.ToTable()])
            _report.Add(table);
        _report.AddExamples([.. client.Faults.Noted, .. _ownReads.Faults.Noted, .. likes.Faults.Noted, .. timelines.Faults.Noted]);
        Judge(drained, runner, likes, timelines, sampled);
    }

    private void Judge(TimeSpan? drained, ActionRunner runner, LikeComparison likes, TimelineComparison timelines, SampledDifference sampled)
    {
        Check(drained is not null, $"nothing is on its way", $"queues and outbox were not empty after {ReportTable.Text(options.DrainTimeout)}");
        var posts = runner.PostIds.Count(id => id != 0);
        Check(posts > 0, $"{posts:N0} posts were acknowledged", $"no post was acknowledged");
        Check(
            likes.Wrong == 0,
            $"the {likes.Acknowledged:N0} acknowledged likes of {likes.Posts:N0} posts are where they belong, once",
            $"the likes found are not those acknowledged");
        Check(
            timelines.Wrong == 0,
            $"{timelines.Timelines:N0} sampled timelines equal the SQL answer",
            $"{timelines.Wrong:N0} of {timelines.Timelines:N0} timelines differ or could not be read");
        if (sampled.After is { } own)
        {
            Check(
                sampled.Confirmed == 0 && own.Suspects == 0,
                $"the services found no difference in {own.Samples:N0} timelines that they sampled themselves",
                $"the services found {sampled.Confirmed:N0} differences in timelines that they sampled themselves, and suspect {own.Suspects:N0} more");
        }

        Check(
            _ownReads.Stale == 0,
            $"none of {_ownReads.Made:N0} own reads was stale ({_ownReads.Unanswered:N0} more were not answered, or without likes)",
            $"{_ownReads.Stale:N0} of {_ownReads.Made:N0} own reads were stale");
        Check(client.Meters.Wrong == 0, $"no answer was wrong", $"{client.Meters.Wrong:N0} answers that the interface does not promise");

        void Check(bool good, FormattableString success, FormattableString failure)
        {
            if (good) _report.Succeed(FormattableString.Invariant(success));
            else _report.Fail(FormattableString.Invariant(failure));
        }
    }

    private void AddFacts(ReplayInput input, ReplayPlan plan)
    {
        var likes = plan.Actions.Count(a => a.Kind == ActionKind.Like);
        AddFact($"{time.GetUtcNow():yyyy-MM-dd HH:mm} UTC, {Machine.Describe()}; the bench and the system share it if the gateway is local.");
        _report.AddFact(input.Description + ".");
        AddFact($"{plan.Actions.Count - likes:N0} posts and {likes:N0} likes of {plan.PairTargets.Count:N0} (user, post) pairs at {Speed()}, up to {options.Concurrency:N0} calls at once, {Checks()}, seed {options.Seed}.");
        console.WriteLine(input.Description);
    }

    private string Speed() => double.IsFinite(options.Speed)
        ? string.Create(CultureInfo.InvariantCulture, $"{options.Speed:N0} times real time")
        : "full speed";

    private string Checks() => options.CheckEvery == 0
        ? "none read back"
        : string.Create(CultureInfo.InvariantCulture, $"one write in {options.CheckEvery:N0} read back");

    private void AddFact(FormattableString fact) => _report.AddFact(FormattableString.Invariant(fact));

    private string RunName() => "replay-" + time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
}
